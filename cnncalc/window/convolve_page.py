"""Feature maps as text, as a table and as a JSON document; each window's sum too, if asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.explain.page import step_lines
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import said, translate
from cnncalc.window.matrices import show_number

if TYPE_CHECKING:
    from cnncalc.text.exact import Exact
    from cnncalc.window.convolve import FeatureMaps, Product, Sum
    from cnncalc.window.matrices import Grid

POSITIONS = {1: ("position",), 2: ("row", "column"), 3: ("slice", "row", "column")}
"""What the places of a feature map are called, by how many axes it has; people count them from 1."""


def convolve_page(
    maps: FeatureMaps, *, windows: bool = False, digits: int | None = None, lang: str = "en"
) -> Page:
    """Make the page of feature maps, with each window's sum where asked, rounded to `digits` decimals."""
    return Page(
        lambda: document(maps, windows=windows, digits=digits),
        lambda: table(maps, windows=windows, digits=digits, lang=lang),
        lambda _: render(maps, windows=windows, digits=digits, lang=lang),
        lambda: table(maps, windows=windows, digits=digits),
    )


def render(
    maps: FeatureMaps, *, windows: bool = False, digits: int | None = None, lang: str = "en"
) -> str:
    """Return the maps; with `windows` also the padded input and each window's sum. `digits` is the most decimals."""
    lines = [said(maps.title, lang), *step_lines(maps.steps(), lang)]
    if windows:
        lines += _padded(maps, digits, lang)
        for entry in maps.sums():
            written = working(maps, entry, digits, lang=lang)
            lines += ["", place(maps, entry, lang), *(f"  {line}" for line in written)]
    for number, grid in enumerate(maps.maps):
        name = _numbered(translate("feature map", lang), number, len(maps.maps))
        lines += ["", name, *_grid(grid, digits)]
    return "\n".join(lines)


def table(
    maps: FeatureMaps, *, windows: bool = False, digits: int | None = None, lang: str = "en"
) -> Table:
    """Return a row for each row of each map, or with `windows` for each window."""
    if windows:
        headers = (
            Column("place", "place", "text"),
            Column("working", "working", "text"),
            Column("result", "result", "text"),
        )
        return Table(
            said(maps.title, lang),
            headers,
            tuple(
                (
                    place(maps, entry, lang),
                    " ".join(line.strip() for line in working(maps, entry, digits, labels=False)),
                    show_number(entry.result, digits),
                )
                for entry in maps.sums()
            ),
            lang=lang,
        )
    listed = [
        (str(number), f"{number}.{index}", str(line), *row)
        for number, grid in enumerate(maps.maps, 1)
        for index, matrix in enumerate(grid.matrices(digits), 1)
        for line, row in enumerate(matrix, 1)
    ]
    columns = (
        Column("map", "map", "text"),
        Column("slice", "plane", "text"),
        Column("row", "row", "text"),
        *(Column(str(place), str(place), "text") for place in range(1, maps.sizes[-1] + 1)),
    )
    unused = (
        ["map"] * (len(maps.maps) == 1)
        + ["slice"] * (len(maps.sizes) < 3)
        + ["row"] * (len(maps.sizes) == 1)
    )
    return Table(said(maps.title, lang), columns, tuple(listed), lang=lang).without(unused)


def document(
    maps: FeatureMaps, *, windows: bool = False, digits: int | None = None
) -> dict[str, Any]:
    """Return the maps as nested lists, one for each filter, and what they were computed with.

    A number that is not whole is a string, `"2.9"` or `"1/3"`.
    """
    sizes = maps.windows
    shown: dict[str, Any] = {
        "input": [*maps.input[0].shape, len(maps.input)],
        "kernel": [window.kernel for window in sizes],
        "stride": [window.stride for window in sizes],
        "pad": [[window.before, window.after] for window in sizes],
        "dilation": [window.dilation for window in sizes],
        "padding": maps.padding,
        "pool": maps.pool or None,
        "bias": [_plain(bias, digits) for bias in maps.biases],
        "output": list(maps.shape),
        "maps": [_nested(grid, digits) for grid in maps.maps],
    }
    if windows:
        shown["windows"] = [
            {
                "map": entry.map,
                "position": list(entry.position),
                "divisor": entry.divisor,
                "products": [
                    [[_plain(value, digits), _plain(weight, digits)] for value, weight, _ in row]
                    for row in entry.rows
                ],
                "sum": _plain(entry.total, digits),
                "result": _plain(entry.result, digits),
            }
            for entry in maps.sums()
        ]
    return shown


def _nested(grid: Grid, digits: int | None) -> Any:
    if len(grid.shape) > 1:
        return [_nested(part, digits) for part in grid.parts()]
    return [_plain(value, digits) for value in grid.values]


def _plain(value: Exact, digits: int | None) -> int | str:
    return value if isinstance(value, int) else show_number(value, digits)


def place(maps: FeatureMaps, entry: Sum, lang: str = "en") -> str:
    """Which number of which map it is: `filter 2, row 1, column 3`."""
    names = POSITIONS[len(entry.position)]
    listed = [
        f"{translate(name, lang)} {index + 1}"
        for name, index in zip(names, entry.position, strict=True)
    ]
    if len(maps.maps) > 1:
        what = translate("channel", lang) if maps.pool else translate("filter", lang)
        listed.insert(0, f"{what} {entry.map + 1}")
    return ", ".join(listed)


def working(
    maps: FeatureMaps,
    entry: Sum,
    digits: int | None = None,
    *,
    labels: bool = True,
    lang: str = "en",
) -> list[str]:
    """How one number comes about, line by line: the kernel's rows, the sum, the bias."""
    if maps.pool:
        return list(_pooled(maps, entry, digits))
    rows = [" + ".join(_product(product, digits) for product in row) for row in entry.rows]
    depth = len(rows) // len(maps.input)
    lines = [f"{'+' if index else ' '} {row}" for index, row in enumerate(rows)]
    if labels and len(maps.input) > 1:
        width = max(map(len, lines))
        for channel in range(len(maps.input)):
            lines[channel * depth] = (
                f"{lines[channel * depth].ljust(width)}   {translate('channel', lang)} {channel + 1}"
            )
    total = _equals(entry.total, digits)
    if not any(maps.biases):
        return [*lines, total]
    bias = f"{total} + {_factor(entry.bias, digits)}" + (
        f"   ({translate('bias', lang)})" if labels else ""
    )
    return [*lines, bias, _equals(entry.result, digits)]


def _pooled(maps: FeatureMaps, entry: Sum, digits: int | None) -> Iterator[str]:
    values = [[show_number(product.value, digits) for product in row] for row in entry.rows]
    result = _equals(entry.result, digits)
    if maps.pool == "max":
        yield f"max({'; '.join(', '.join(row) for row in values)}) {result}"
        return
    total = " + ".join(_factor(product.value, digits) for row in entry.rows for product in row)
    yield f"({total})/{entry.divisor} {_equals(entry.total, digits)}/{entry.divisor} {result}"


def _equals(value: Exact, digits: int | None) -> str:
    """`= 2.9`, or `≈` before what is rounded."""
    shown = show_number(value, digits)
    return f"{'=' if shown == show_number(value) else '≈'} {shown}"


def _product(product: Product, digits: int | None) -> str:
    return f"{_factor(product.value, digits)}·{_factor(product.weight, digits)}"


def _factor(value: Exact, digits: int | None) -> str:
    """Return a number within a sum or a product: with brackets where it has a sign or a stroke of its own."""
    text = show_number(value, digits)
    return f"({text})" if "-" in text or "/" in text else text


def _padded(maps: FeatureMaps, digits: int | None, lang: str) -> Iterator[str]:
    if not any(window.before or window.after for window in maps.windows):
        return
    for number, grid in enumerate(maps.padded()):
        yield ""
        name, channel = translate("input with its padding", lang), translate("channel", lang)
        yield _numbered(name, number, len(maps.input), channel)
        yield from _grid(grid, digits)


def _numbered(name: str, number: int, count: int, what: str = "") -> str:
    if count == 1:
        return name
    return f"{name}, {what} {number + 1}" if what else f"{name} {number + 1}"


def _grid(grid: Grid, digits: int | None) -> Iterator[str]:
    """Yield the rows of each matrix, numbers flush right."""
    matrices = grid.matrices(digits)
    width = max(len(cell) for matrix in matrices for row in matrix for cell in row)
    for number, matrix in enumerate(matrices):
        if number:
            yield ""
        yield from (_row(row, width) for row in matrix)


def _row(cells: Sequence[str], width: int) -> str:
    return "  " + "  ".join(cell.rjust(width) for cell in cells)
