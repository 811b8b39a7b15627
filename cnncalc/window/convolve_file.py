"""A layer with its numbers in a file: a matrix as it is, or YAML (or JSON) with the input, the kernels and the fields.

    input: {R: "0 0 0; 0 1 1; 0 2 1", G: "0 0 0; 0 2 2; 0 1 0", B: "0 0 0; 0 0 3; 0 1 0"}
    kernel: ["0 0 0; 0 0 1; 0 1 0", "0 2 0; 0 2 0; 0 2 0", "1 0 0; 0 2 0; 0 0 1"]
    bias: 0
    pad: 1

Channels are a list, or a mapping whose keys name them; several filters are a list of such. A matrix may stand in a
block of lines (`|`), as it was pasted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cnncalc.ops.field_types import FieldError, FieldType, Flag, Padding, PerAxis, Whole, Word
from cnncalc.ops.fields import Names, compile_value
from cnncalc.text.files import is_there
from cnncalc.text.records import Form, Key, Record, RecordFields, Schema, written
from cnncalc.text.source import Problem, Source, Span, SpecError, single_problem
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, read_source
from cnncalc.window.convolve import PADDINGS, POOLS, FeatureMaps, convolve, pool
from cnncalc.window.matrices import GridError, WrittenGrid, read_numbers, read_text

_ONLY_CONVOLUTION = ("bias", "flip")
_ONLY_POOL = ("ceil", "count_pad")


def compute(**settings: Any) -> FeatureMaps:
    """Convolve, or pool where `pool` is among the settings, which are those of `convolve` and `pool`.

    Raises SpecError, also where a setting has no place in what is done.
    """
    how = settings.pop("pool", None)
    for name in ("input", "kernel"):
        if name not in settings:
            raise single_problem(
                f"--{name}", "", f"there is no {name}", _EXAMPLES[name], "missing-option"
            )
    for name in _ONLY_CONVOLUTION if how else _ONLY_POOL:
        if name in settings:
            done = "pool" if how else "convolution"
            raise single_problem(f"--{name}", "", f"a {done} takes no {name}", "", "option")
    return (
        pool(settings.pop("input"), settings.pop("kernel"), how, **settings)
        if how
        else convolve(**settings)
    )


_EXAMPLES = {
    "input": "such as --input '0 3 2 1; 2 1 0 2; 1 3 2 0; 2 0 3 3'",
    "kernel": "such as --kernel '1 0 1; 0 1 0; 1 0 1', or --pool max --kernel 2",
}


def read_settings(source: Source) -> dict[str, Any]:
    """Return the settings that a file gives: those of `convolve` and `pool`; of a lone matrix the input.

    Raises SpecError with every mistake that was found.
    """
    if not re.search(r"^[\s{]*[\"']?[A-Za-z_]\w*[\"']?\s*:", source.text, re.MULTILINE):
        try:
            return {"input": read_text(source.text)}
        except GridError as error:
            raise error.located(source.name, source.text) from None
    fields, problems = LAYER.read_file(source)
    settings = settings_of(fields, problems)
    if problems:
        raise SpecError(problems)
    return settings


def settings_of(fields: RecordFields, problems: list[Problem]) -> dict[str, Any]:
    """Return the settings that were given, a kernel as the numbers or the size that it is."""
    settings = {name: fields[name] for name in fields.given}
    kernel = fields["kernel"]
    if kernel is not None:
        settings["kernel"] = (_SIZE if "pool" in settings else _NUMBERS).read(kernel, problems)
    return {name: value for name, value in settings.items() if value is not None}


def read_file(path: str) -> dict[str, Any]:
    """Return the settings of a file, or of standard input (`-`). Raises SpecError."""
    return read_settings(read_source(path))


def gather(input: str, kernels: Sequence[str], **settings: Any) -> dict[str, Any]:
    """Return the settings of a command line: numbers or files for the input and the kernels.

    None is what was not given.

    What a file says of the rest gives way to what is given beside it. Raises SpecError.
    """
    given = read_given("input", input)
    settings = {name: value for name, value in settings.items() if value is not None}
    pools = "pool" in settings or "pool" in given
    if pools and len(kernels) > 1:
        raise single_problem(
            "--kernel", kernels[1], "a pool has one kernel: its size", "such as --kernel 2"
        )
    if kernels:
        read = kernels if pools else [_kernel(text) for text in kernels]
        given["kernel"] = read[0] if len(read) == 1 else read
    return {**given, **settings}


def _kernel(text: str) -> Any:
    """Return a kernel's numbers, from the text or the file that it names."""
    settings = read_given("kernel", text)
    if "kernel" not in settings:
        raise single_problem(
            "--kernel", text, f"there is no kernel in {text}", "its key is kernel:"
        )
    return settings["kernel"]


def read_given(name: str, text: str) -> dict[str, Any]:
    """Return what an option says: a matrix, as the setting `name`, or the settings of the file that it names.

    Raises SpecError.
    """
    if text == "-" or (not _NUMERIC.fullmatch(text) and _names_a_file(text)):
        settings = read_file(text)
        return {name: settings["input"]} if list(settings) == ["input"] else settings
    try:
        return {name: read_text(text)}
    except GridError as error:
        raise error.located(f"--{name}", text) from None


_NUMERIC = re.compile(r"[\d\s.,;|/eE+\-−\[\]()]*")


def _names_a_file(text: str) -> bool:
    if "\n" in text or len(text) > 1000:
        return False
    return text.endswith(_ENDINGS) or "/" in text or "\\" in text or is_there(text)


_ENDINGS = (".yaml", ".yml", ".txt", ".csv", ".tsv")


def _field(kind: FieldType) -> Form:
    """Accept a field's value, checked as far as that goes without the axes."""

    def read(located: Located, problems: list[Problem]) -> Any:
        count = len(problems)
        template = compile_value(located, Names(frozenset(), words=True), problems, kind.words)
        if len(problems) > count or template.constant is None:
            return None
        try:
            kind.normal(template.constant, None)
        except FieldError as error:
            problems.append(Problem(template.span(error.path), "value", error.message, error.hint))
        return template.constant

    return Form(read, kind.schema())


def _numbers(located: Located, problems: list[Problem]) -> WrittenGrid | None:
    """Return the numbers of a matrix, or of a list or mapping of them."""
    try:
        if isinstance(located, Scalar):
            return (
                read_numbers(located.text) if _is_matrix(located) else read_numbers([located.text])
            )
        values = (
            [value for _, value in located.entries]
            if isinstance(located, Mapping)
            else list(located.items)
        )
        items = [_item(value, problems) for value in values]
        return None if any(item is None for item in items) else read_numbers(items)
    except GridError as error:
        problems.append(Problem(_place(located, error), "numbers", error.message, error.hint))
    return None


def _item(located: Located, problems: list[Problem]) -> Any:
    return (
        located.text
        if isinstance(located, Scalar) and not _is_matrix(located)
        else _numbers(located, problems)
    )


def _is_matrix(scalar: Scalar) -> bool:
    """Whether a text holds more than one number."""
    return len(scalar.text.split()) != 1 or re.search(r"[\[(,;|]", scalar.text) is not None


def _place(located: Located, error: GridError) -> Span:
    span = located.span
    if (
        isinstance(located, Scalar)
        and "\n" not in located.text
        and span.length >= len(located.text)
    ):
        return span.part(error.start + (0 if located.plain else 1), error.length)
    return span


_SIZE = _field(PerAxis())
_NUMBERS = Form(_numbers, {"type": ["string", "number", "array", "object"]})
LAYER = Record(
    "a layer with numbers",
    Key("input", _NUMBERS, "a matrix, or a list or mapping of matrices: one a channel"),
    Key(
        "kernel",
        written(_NUMBERS.schema),
        "the same for a filter, or a list of filters; of a pool its size",
    ),
    Key("bias", _NUMBERS, "a number, or one for each filter"),
    Key("stride", _field(PerAxis()), "positions from one window to the next"),
    Key("pad", _field(Padding()), "positions around the input"),
    Key("dilation", _field(PerAxis()), "positions from one of the kernel's numbers to the next"),
    Key("padding", _field(Word(*PADDINGS)), "what stands at padded positions"),
    Key("flip", _field(Flag()), "turn the kernel by 180°: a convolution as mathematics has it"),
    Key("axes", _field(Whole()), "how many spatial axes there are"),
    Key("pool", _field(Word(*POOLS)), "a pool instead of a convolution"),
    Key("ceil", _field(Flag()), "round the output's size up"),
    Key("count_pad", _field(Flag()), "count padding in averages"),
    aliases={
        "kernels": "kernel",
        "filter": "kernel",
        "filters": "kernel",
        "weights": "kernel",
        "biases": "bias",
        "strides": "stride",
        "image": "input",
        "data": "input",
    },
    example="input: ...",
    code="numbers",
)


def schema() -> Schema:
    """Give the JSON Schema of a layer with its numbers in a file."""
    return LAYER.document_schema("cnncalc convolve file")


__all__ = ["compute", "read_file", "read_given", "read_settings"]
