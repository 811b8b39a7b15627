"""Homework files: questions about networks, each with its points and the conventions that it accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AnyMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.counts.printed import Printing, index
from cnncalc.homework.candidates import KeyedQuestion
from cnncalc.homework.key import TOTAL, AnswerKey
from cnncalc.homework.slips import SLIPS
from cnncalc.report.conventions import load_convention
from cnncalc.spec.quantities import ASKED
from cnncalc.spec.shipped import data_file
from cnncalc.text.exact import Exact
from cnncalc.text.files import is_there
from cnncalc.text.limits import limit
from cnncalc.text.numbers import read_number
from cnncalc.text.records import (
    TEXT,
    WRITTEN,
    Form,
    Key,
    Record,
    RecordFields,
    Schema,
    by_name,
    each,
    parsed,
    whole,
    word,
    yes_or_no,
)
from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, read_source

if TYPE_CHECKING:
    from cnncalc.models.builder import Model
    from cnncalc.network import Network
    from cnncalc.spec.file import Spec

EXAMPLE = "questions: [{id: q1, network: alexnet, layer: conv1, quantity: params}]"

MIN_DIGITS = 2
"""The significant digits that an answer needs unless a homework says otherwise, or the right answer has fewer."""

KEEPING = ("convention", "elsewhere")
"""The statuses beside wrong answers with a slip that may keep a part of the points."""

_POINTS = "points are a number of at least 0"


_CREDIT = "partial credit is from 0 to 1, such as no-bias: 0.5"


def accepted(text: str) -> str:
    """Name what is accepted beside the right answer: a convention, or who prints or has another number.

    A source is a network's name, such as `torchvision/alexnet`, or a part of the name of a paper or lecture. Raises
    SpecError for what is neither.
    """
    if text in index() or any(
        _names(printing, text) for known in index().values() for printing in known.printings
    ):
        return text
    return load_convention(text).name


def _names(printing: Printing, text: str) -> bool:
    return len(text) > 3 and text.casefold() in printing.source.casefold()


def is_accepted(printing: Printing, accept: Iterable[str]) -> bool:
    """Tell whether a source is among those accepted."""
    return any(text == printing.network or _names(printing, text) for text in accept)


def _credit(text: str) -> Exact:
    value = read_number(text).value
    if not 0 <= value <= 1:
        raise ValueError(_CREDIT)
    return value


def _by_slip(form: Form) -> Form:
    """Refuse a key that is neither a slip, nor slips joined by `+`, nor a status that may keep points."""

    def read(located: Located, problems: list[Problem]) -> Any:
        known = (*KEEPING, *SLIPS)
        for key, _ in located.entries if isinstance(located, Mapping) else ():
            for part in key.text.split("+"):
                if part not in known:
                    message = f"there is no slip '{part}' that could keep points"
                    hint = suggest(part, known, "cnncalc's docs/homework.md lists the slips")
                    problems.append(Problem(key.span, "homework", message, hint))
        return form.read(located, problems)

    return Form(read, form.schema)


MAX_QUESTIONS = limit(500)
"""Questions of a homework, or rows times columns."""
MAX_LAYERS = limit(20_000)
"""Layers of all networks that a homework asks about."""
_ACCEPT = each(parsed(accepted, ""))
_SCORING = (
    Key(
        "digits",
        whole("digits is a whole number from 1 to 30", 1, 30),
        "the significant digits that an answer needs, 2 unless given",
    ),
    Key(
        "parts",
        yes_or_no("parts is true or false"),
        "whether a shape's size and depth are credited apart",
    ),
    Key(
        "partial",
        _by_slip(by_name(parsed(_credit, _CREDIT, type="number"))),
        "the part of the points that an answer keeps, by its slip, or for convention or elsewhere",
    ),
)


def _points(text: str) -> Exact:
    value = read_number(text).value
    if value < 0:
        raise ValueError(_POINTS)
    return value


def _sizes(located: Located, problems: list[Problem]) -> str:
    """Read an input's sizes as written, or as a list."""
    items = located.items if isinstance(located, Sequence) else (located,)
    return "x".join(item.text.strip() if isinstance(item, Scalar) else "?" for item in items)


_ABOUT = (
    Key("network", WRITTEN, "a network's name or a spec's path"),
    Key("spec", WRITTEN, "or a spec itself"),
    Key("input", Form(_sizes, {"type": ["string", "integer", "array"]}), "another input", ""),
    Key("set", by_name(TEXT), "other values for the network's parameters", {}),
    Key(
        "batch",
        whole("batch is a whole number of at least 1", 1),
        "examples in a batch, for memory",
        1,
    ),
    Key("dtype", TEXT, "of a value, for memory", "float32"),
)
"""What names the network that questions are about."""

HOMEWORK = Record(
    "a homework",
    Key("title", TEXT, "what the homework is called", ""),
    Key(
        "accept",
        _ACCEPT,
        "conventions, networks and sources by which an answer is right too, in every question",
        (),
    ),
    *_SCORING,
    Key("salt", TEXT, "what its digests are salted with, in one that is shared with students", ""),
    Key("questions", WRITTEN, "the questions, in order"),
    Key(
        "rows",
        each(TEXT),
        "or the rows of one network that are asked, in sheets with a row a layer",
        (),
    ),
    Key(
        "columns",
        each(word(ASKED, "there is no quantity '{}'")),
        "the quantities asked of each row",
        ("output", "params"),
    ),
    *_ABOUT,
    example=EXAMPLE,
    code="homework",
)
QUESTION = Record(
    "a question",
    Key("id", TEXT, "what an answer is filed under", ""),
    Key("text", TEXT, "the question, as a student reads it", ""),
    *_ABOUT,
    Key("layer", TEXT, "a layer or a block; the whole network unless given", TOTAL),
    Key(
        "quantity",
        word(ASKED, "there is no quantity '{}'"),
        "what is asked for",
        required=True,
        example=f"one of {', '.join(ASKED)}",
    ),
    Key("points", parsed(_points, _POINTS, type="number"), "what it is worth, 1 unless given", 1),
    Key(
        "accept",
        _ACCEPT,
        "conventions, networks and sources by which an answer is right too, beside the homework's",
        (),
    ),
    *_SCORING,
    Key("digests", each(TEXT), "of right answers, written by `cnncalc share`", ()),
    example="such as {id: q1, network: alexnet, layer: conv1, quantity: params}",
    missing="a question needs a {}",
    code="homework",
)


def schema() -> Schema:
    """Give the JSON Schema of a homework's file."""
    document = HOMEWORK.document_schema("cnncalc homework")
    questions = {"type": "array", "items": QUESTION.schema(), "minItems": 1}
    document["properties"]["questions"].update(questions)
    return document


class Scoring(NamedTuple):
    """How answers earn points: the digits needed, whether a shape's parts count apart, credit by slip or status."""

    digits: int = MIN_DIGITS
    parts: bool = False
    partial: AnyMapping[str, Exact] = {}

    @classmethod
    def of(cls, fields: RecordFields, default: Scoring | None = None) -> Scoring:
        """Take what a file says, and the rest from the homework, or as it usually is."""
        scoring = default or cls()
        given = {key: fields[key] for key in cls._fields if fields[key] is not None}
        return scoring._replace(**given)


class Question(NamedTuple):
    """A question: what is asked of which layer, its points, and what is accepted beside the right answer."""

    id: str | None
    text: str
    answer_key: AnswerKey
    layer: str
    quantity: str
    points: Exact = 1
    accept: tuple[str, ...] = ()
    scoring: Scoring = Scoring()
    digests: tuple[str, ...] = ()
    written: RecordFields | None = None
    """What its file says of it, or of the homework where it is one of its rows."""

    @property
    def keyed(self) -> KeyedQuestion:
        """The question worked out."""
        return self.answer_key.question(self.layer, self.quantity)


class Homework(NamedTuple):
    """A title and questions."""

    title: str
    questions: tuple[Question, ...]
    by_rows: bool = False
    """Whether a sheet has a row a layer, not an answer an id."""
    salt: str = ""
    """What the questions' digests are salted with, where it is shared with students."""

    @property
    def ids(self) -> list[str]:
        """The questions' ids in order."""
        return [question.id or "" for question in self.questions]


def load_homework(path: str, accept: Iterable[str] = ()) -> Homework:
    """Read a homework: a path, or the name of one in `specs/homework/`. Raises SpecError with all that is wrong.

    `accept` names further conventions by which every answer is right too.
    """
    shipped = data_file("homework", path)
    return read_homework(read_source(path if shipped is None else shipped), accept)


def read_homework(source: Source, accept: Iterable[str] = ()) -> Homework:
    """Read the text of a homework. Raises SpecError with all that is wrong."""
    fields, problems = HOMEWORK.read_file(source)
    written = fields["questions"]
    items = written.items if isinstance(written, Sequence) else ()
    by_rows = bool(fields["rows"])
    asked = len(fields["rows"]) * len(fields["columns"]) if by_rows else len(items)
    if asked > MAX_QUESTIONS:
        wrong = f"this homework asks {asked:,} questions; the limit is {MAX_QUESTIONS:,}"
        raise SpecError([Problem(fields.span_of("rows", "questions"), "limit", wrong)])
    if not items and not by_rows:
        message = "a homework has a list of questions"
        problems.append(Problem(fields.span_of("questions"), "homework", message, EXAMPLE))
    reader = _Questions(source, problems, (*fields["accept"], *accept), Scoring.of(fields))
    if by_rows:
        questions = list(reader.rows(fields))
    else:
        numbered = enumerate(items, 1)
        read = (reader.question(item, number) for number, item in numbered)
        questions = list(filter(None, read))
    if problems:
        raise SpecError(problems)
    return Homework(fields["title"], tuple(questions), by_rows, fields["salt"])


class _Questions:
    """Reads questions; equal networks and answer_keys are one, so that they are worked out once."""

    def __init__(
        self, source: Source, problems: list[Problem], accept: tuple[str, ...], scoring: Scoring
    ) -> None:
        self.source = source
        self.problems = problems
        self.accept = accept
        self.scoring = scoring
        self.networks: dict[object, Network] = {}
        self.answer_keys: dict[object, AnswerKey] = {}
        self.layers = 0
        self.ids: dict[str, Span] = {}

    def problem(self, span: Span, message: str, hint: str = "", code: str = "homework") -> None:
        self.problems.append(Problem(span, code, message, hint))

    def question(self, item: Located, number: int) -> Question | None:
        """Read one question; None after a problem."""
        fields = QUESTION.read(item, self.problems)
        if fields is None:
            return None
        self.check_id(fields)
        if ("network" in fields.given) == ("spec" in fields.given):
            message = "a question has one of network and spec"
            self.problem(fields.span, message, "such as network: alexnet")
            return None
        try:
            answer_key = self.answer_key(fields)
            if not fields.complete:
                return None
            right = answer_key.question(fields["layer"], fields["quantity"]).right
        except SpecError as error:
            self.problems += [self.placed(problem, fields) for problem in error.problems]
            return None
        if right is None:
            named = fields["quantity"].replace("_", " ")
            self.problem(fields.span_of("layer"), f"{fields['layer']} has no {named} to ask for")
            return None
        return Question(
            fields["id"] or str(number),
            fields["text"],
            answer_key,
            fields["layer"],
            fields["quantity"],
            fields["points"],
            tuple(dict.fromkeys((*self.accept, *fields["accept"]))),
            Scoring.of(fields, self.scoring),
            fields["digests"],
            fields,
        )

    def rows(self, fields: RecordFields) -> Iterator[Question]:
        """Ask every column of every row, as far as there is something to answer."""
        if ("network" in fields.given) == ("spec" in fields.given) or "questions" in fields.given:
            message = "rows are of one network or spec, and stand in place of questions"
            self.problem(fields.span_of("rows"), message, "such as network: alexnet")
            return
        try:
            answer_key = self.answer_key(fields)
        except SpecError as error:
            self.problems += [self.placed(problem, fields) for problem in error.problems]
            return
        for row in fields["rows"]:
            layer = answer_key.names.find(row)
            if not isinstance(layer, str):
                message = f"there is no layer '{row}', or more than one"
                self.problem(fields.span_of("rows"), message, "cnncalc shapes lists the layers")
                continue
            for quantity in fields["columns"]:
                if answer_key.right(layer, quantity) is not None:
                    label = f"{layer} {quantity}"
                    accept, scoring = tuple(dict.fromkeys(self.accept)), self.scoring
                    yield Question(
                        label, "", answer_key, layer, quantity, 1, accept, scoring, (), fields
                    )

    def check_id(self, fields: RecordFields) -> None:
        """Two questions of one id cannot be told apart in a sheet."""
        if "id" in fields.given:
            label, span = fields["id"], fields.span_of("id")
            first = self.ids.setdefault(label, span)
            if first is not span:
                message = f"the id '{label}' is given twice; the first is on line {first.line}"
                self.problem(span, message)

    def placed(self, problem: Problem, fields: RecordFields) -> Problem:
        """Put a problem with what the question gives at the key that gives it."""
        if problem.span.source is self.source:
            return problem
        option = problem.file.removeprefix("--").lower()
        return problem._replace(
            span=fields.span_of(option if option in fields.given else "spec", "network")
        )

    def answer_key(self, fields: RecordFields) -> AnswerKey:
        """Return what a question is about. Raises SpecError."""
        located = fields["network"] or fields["spec"]
        name = self.network_key(located)
        network = (name, fields["input"], tuple(sorted(fields["set"].items())))
        if network not in self.networks:
            self.networks[network] = self.network(fields)
            self.layers += len(self.networks[network].graph.nodes)
            if self.layers > MAX_LAYERS:
                wrong = f"the networks of this homework have more than the limit of {MAX_LAYERS:,} layers"
                raise SpecError([Problem(located.span, "limit", wrong)])
        key = (*network, fields["batch"], fields["dtype"])
        if key not in self.answer_keys:
            self.answer_keys[key] = AnswerKey(
                self.networks[network],
                batch=fields["batch"],
                dtype=fields["dtype"],
                settings=fields["set"],
            )
        return self.answer_keys[key]

    def network_key(self, located: Located) -> object:
        """Tell networks apart, however they are written: by the name, the file, or the text of the spec."""
        if not isinstance(located, Scalar):
            return written_text(located)
        name = self.beside(located.text.strip())
        return name if Path(name).suffix else re.sub("[-_ ]", "", name.casefold())

    def network(self, fields: RecordFields) -> Network:
        """Return a named network, one at a path, or the spec written here. Raises SpecError."""
        from cnncalc.network import Network, find_network
        from cnncalc.spec.file import read_tree

        named, written = fields["network"], fields["spec"]
        if isinstance(written, Mapping):
            spec = read_tree(self.source, written)
            described: Spec | Model = spec if written.get("name") else spec._replace(name="spec")
        elif isinstance(named or written, Scalar):
            described = find_network(self.beside((named or written).text.strip()))
        else:
            message = "a network is a name or a path, a spec a mapping of keys such as input"
            raise SpecError([Problem((named or written).span, "homework", message)])
        return Network(described, fields["input"] or None, fields["set"])

    def beside(self, name: str) -> str:
        """Return a path as it stands from here, else from the homework's folder."""
        path = Path(self.source.name).parent / name
        return (
            str(path)
            if name.endswith((".yaml", ".yml")) and not is_there(name) and is_there(path)
            else name
        )


def written_text(located: Located) -> str:
    """Write a YAML value down in one way, without its place."""
    if isinstance(located, Scalar):
        return repr(located.text)
    if isinstance(located, Sequence):
        return f"[{', '.join(map(written_text, located.items))}]"
    entries = (f"{key.text!r}: {written_text(value)}" for key, value in located.entries)
    return f"{{{', '.join(entries)}}}"


__all__ = [
    "HOMEWORK",
    "QUESTION",
    "Homework",
    "Question",
    "Scoring",
    "load_homework",
    "read_homework",
    "schema",
]
