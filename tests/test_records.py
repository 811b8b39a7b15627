"""Records: a mapping with declared keys is read, its mistakes are told at their places; its schema says the same."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from cnncalc.cli import main
from cnncalc.spec.shipped import data_files
from cnncalc.text.records import (
    TEXT,
    WRITTEN,
    Key,
    Record,
    RecordFields,
    by_name,
    each,
    either,
    parsed,
    whole,
    word,
)
from cnncalc.text.source import Problem, Source, SpecError
from cnncalc.text.yaml_tree import Scalar, parse_yaml

AUTHOR = Record("an author", Key("name", TEXT, "who it is", required=True))
BOOK = Record(
    "a book",
    Key("title", TEXT, "what it is called", required=True, example="title: Emma"),
    Key("year", whole("year: a year such as 1815 is expected", 1000, 9999), "when it appeared"),
    Key("kind", word(("novel", "essay"), "there is no kind '{}'"), "what it is", "novel"),
    Key("tags", each(TEXT), "words about it", ()),
    Key("prices", by_name(parsed(int, "'{}' is no price", "such as 12")), "by country", {}),
    Key("author", either(TEXT, AUTHOR.form), "who wrote it"),
    Key("rest", WRITTEN, "anything"),
    aliases={"name": "title"},
    example="{title: Emma}",
)


def read(text: str) -> tuple[RecordFields | None, list[Problem]]:
    tree, problems = parse_yaml(Source("book.yaml", text))
    assert tree is not None
    return BOOK.read(tree, problems), problems


def test_values_are_read_and_defaults_put_in() -> None:
    fields, problems = read("{title: ' Emma ', tags: classic, prices: {uk: 12, fr: 9}, rest: 1}")
    assert not problems
    assert fields is not None
    assert fields.complete
    assert fields["title"] == "Emma"
    assert (fields["year"], fields["kind"], fields["tags"]) == (None, "novel", ("classic",))
    assert fields["prices"] == {"uk": 12, "fr": 9}
    assert isinstance(fields["rest"], Scalar)
    assert set(fields.given) == {"title", "tags", "prices", "rest"}
    assert fields.span_of("year", "tags").column == 25
    assert fields.span_of("year").column == 1


def test_a_value_may_be_a_record_of_its_own() -> None:
    fields, problems = read("{title: Emma, author: {name: Jane}}")
    assert not problems
    assert fields is not None
    assert fields["author"]["name"] == "Jane"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a]", [(1, "a book is a mapping", "{title: Emma}")]),
        ("{year: 1815}", [(1, "a book needs title", "title: Emma")]),
        ("{titel: Emma}", [(2, "'titel' is not a key of a book", "did you mean 'title'?")]),
        ("{Name: Emma}", [(2, "'Name' is not a key of a book", "did you mean 'title'?")]),
        (
            "{title: Emma, zzzzz: 1}",
            [
                (
                    15,
                    "'zzzzz' is not a key of a book",
                    "the keys are title, year, kind, tags, prices, author, rest",
                )
            ],
        ),
        (
            "{title: [Emma]}",
            [
                (
                    9,
                    "a text is expected here, not a list",
                    "put a text with brackets or braces in quotes",
                )
            ],
        ),
        ("{title: a, year: 815}", [(18, "year: a year such as 1815 is expected", "")]),
        ("{title: a, year: '１８１５'}", [(18, "year: a year such as 1815 is expected", "")]),
        ("{title: a, kind: novle}", [(18, "there is no kind 'novle'", "did you mean 'novel'?")]),
        ("{title: a, prices: 3}", [(20, "a mapping is expected here", "{name: ...}")]),
        (
            "{title: a, prices: {uk: x, fr: 3}, tags: [b, {}]}",
            [
                (25, "'x' is no price", "such as 12"),
                (
                    46,
                    "a text is expected here, not a mapping",
                    "put a text with brackets or braces in quotes",
                ),
            ],
        ),
        ("{title: a, author: {nam: b}}", [(21, "'nam' is not a key of an author", "did you mean 'name'?")]),
    ],
)  # fmt: skip
def test_mistakes_are_told_at_their_places(text: str, told: list[tuple[int, str, str]]) -> None:
    fields, problems = read(text)
    assert sorted((one.column, one.message, one.hint) for one in problems) == sorted(told)
    assert fields is None or not fields.complete


def test_reading_goes_on_with_what_is_right() -> None:
    fields, _ = read("{titel: Emma, year: x, prices: {uk: x, fr: 3}}")
    assert fields is not None
    assert fields["title"] == "Emma"
    assert fields["year"] is None
    assert fields["prices"] == {"fr": 3}


def test_what_a_conversion_knows_better_is_told_at_the_value() -> None:
    from cnncalc.report.conventions import load_convention

    form = parsed(lambda text: load_convention(text).name, "")
    problems: list[Problem] = []
    tree, _ = parse_yaml(Source("x.yaml", "[thop, thopp]"))
    assert tree is not None
    assert each(form).read(tree, problems) == ("thop",)
    assert [(one.column, one.hint) for one in problems] == [(8, "did you mean 'thop'?")]


def test_an_empty_file_has_no_record() -> None:
    with pytest.raises(SpecError, match="a book is a mapping"):
        BOOK.read_file(Source("book.yaml", "# nothing\n"))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("{title: Emma, year: 1815, kind: essay, tags: [a], prices: {uk: 1}, author: Jane}", True),
        ("{title: Emma, author: {name: Jane}, tags: a, rest: [[1]]}", True),
        ("{year: 1815}", False),
        ("{title: Emma, titel: Emma}", False),
        ("{title: Emma, kind: poem}", False),
        ("{title: Emma, year: 815}", False),
        ("{title: Emma, author: {nam: Jane}}", False),
    ],
)
def test_the_schema_takes_what_the_reader_takes(text: str, valid: bool) -> None:
    schema: dict[str, Any] = BOOK.document_schema("book")
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text)) is valid
    assert (not read(text)[1]) is valid
    assert schema["properties"]["title"]["description"] == "what it is called"


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("homework", "homework"),
        ("convention", "conventions"),
        ("lecture", "lectures"),
        ("quiz", "quiz"),
    ],
)
def test_what_ships_fits_the_schema_of_its_kind(
    kind: str, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", kind]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    for path in data_files(folder).values():
        checker.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_a_layer_with_numbers_has_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "convolve"]) == 0
    checker = jsonschema.Draft202012Validator(json.loads(capsys.readouterr().out))
    assert checker.is_valid({"input": {"R": "0 0; 0 1"}, "kernel": ["1"], "pad": 1})
    assert not checker.is_valid({"input": "1", "strid": 1})
    assert not checker.is_valid({"input": "1", "pool": "median"})


def test_an_unknown_kind_of_schema_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "homwork"]) == 2
    assert "did you mean 'homework'?" in capsys.readouterr().err
