"""The form of `files/written.txt`: networks of a few layers, and what is written of each in every format.

A network is a line that begins where others are indented. Below it stands for each format either the reason why it is
refused, or the shape that comes out and the parameters as the framework has them, and the lines that it ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple


class Ran(NamedTuple):
    """What a framework says of what was written: the output's shape, its parameters, and the lines that it ran."""

    output: tuple[int, ...]
    params: int
    lines: tuple[str, ...]


def spec_of(row: str) -> str:
    """Return the spec of a row, `8x8x4: [relu]`."""
    size, layers = row.split(": ", 1)
    return f"input: {size}\nlayers: {layers}"


def code_lines(text: str) -> tuple[str, ...]:
    """Return the lines of the last class or function of Python code that make layers and call them."""
    body = text.partition("\n\n\nif __name__")[0].rpartition('"""\n')[2]
    lines = [line.strip() for line in body.split("\n")]
    ignored = ("def ", "super()", "inputs = ")
    return tuple(line for line in lines if line and not line.startswith(ignored))


def op_line(op: str, inputs: Iterable[str], outputs: Iterable[str], given: dict[str, Any]) -> str:
    """Return an op of an ONNX graph as a line, its attributes in the order of their names."""
    attributes = [f"{name}={_value(given[name])}" for name in sorted(given)]
    return f"{' '.join(outputs)} = {op}({', '.join([*inputs, *attributes])})"


def _value(value: Any) -> str:
    """Return an attribute's value as text."""
    if isinstance(value, (bytes, str)):
        return value.decode() if isinstance(value, bytes) else value
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value) if isinstance(value, int) else f"[{', '.join(map(_value, value))}]"


def show_row(row: str, told: Iterable[tuple[str, Ran | str]]) -> str:
    """Return a row of the file."""
    lines = [row]
    for format, result in told:
        if isinstance(result, str):
            lines.append(f"  {format} refuses: {result}")
            continue
        shape = "x".join(map(str, result.output))
        lines += [f"  {format}: {shape}, {result.params} parameters"]
        lines += [f"    {line}" for line in result.lines]
    return "\n".join(lines) + "\n"


def rows_of(text: str) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield each network, each format, and the lines below it, of the file's text."""
    for block in text.strip().split("\n\n"):
        row, *lines = block.split("\n")
        starts = [at for at, line in enumerate(lines) if not line.startswith("    ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            yield row, lines[start].split()[0].rstrip(":"), lines[start:end]
