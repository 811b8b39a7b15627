"""solve: the unknown one of a layer's sizes; convolve: numbers through one layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.show import json_text, show_table, style_of, write

if TYPE_CHECKING:
    from cnncalc.window.convolve import FeatureMaps
    from cnncalc.window.solve import Solution

Stride = Annotated[
    str | None,
    typer.Option("--stride", metavar="S", help="Positions from window to window: 2, 1x2."),
]
Pad = Annotated[
    str | None,
    typer.Option("--pad", metavar="P", help="Around the input: 1, 0x1, [[0,1],[0,1]], same."),
]
Dilation = Annotated[
    str | None, typer.Option("--dilation", metavar="D", help="Distance between kernel positions.")
]


Size = Annotated[
    str | None, typer.Option("--input", metavar="N", help="The input's size: 227, or 7x9.")
]
Outputs = Annotated[str | None, typer.Option("--output", metavar="O", help="The output's size.")]
Window = Annotated[
    str | None, typer.Option("--kernel", metavar="F", help="The kernel's size: 3, or 1x7.")
]
RoundUp = Annotated[bool, typer.Option("--ceil", help="Round up, as some pools do.")]
Transpose = Annotated[bool, typer.Option("--transpose", help="A transposed convolution.")]
OutputPad = Annotated[
    str | None, typer.Option("--output-pad", metavar="N", help="With --transpose.")
]
File = Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Write to a file.")]


def solve(
    input: Size = None,
    output: Outputs = None,
    kernel: Window = None,
    stride: Stride = None,
    pad: Pad = None,
    dilation: Dilation = None,
    ceil: RoundUp = False,
    transpose: Transpose = False,
    output_pad: OutputPad = None,
    format: opt.Format = None,
    file: File = None,
) -> None:
    """Find the one of input, output, kernel, stride and pad that is left out; exit code 1 where there is none."""
    from cnncalc.window.solve import solve as find

    found = find(
        input=input,
        output=output,
        kernel=kernel,
        stride=stride,
        pad=pad,
        dilation=dilation or "1",
        output_pad=output_pad or "0",
        ceil=ceil,
        transpose=transpose,
    )
    show_solution(found, opt.Shown(format, file))
    if not found.solved:
        raise typer.Exit(1)


def show_solution(solution: Solution, shown: opt.Shown) -> None:
    """A solution in the format asked for."""
    from cnncalc.window import solve_page as view

    style = style_of(shown)
    if style == "json":
        write(json_text(view.document(solution)), shown.output)
    elif style in ("table", "plain"):
        write(view.render(solution), shown.output)
    else:
        show_table(view.table(solution), style, shown.output)


Numbers = Annotated[
    str,
    typer.Option(
        "--input",
        metavar="NUMBERS|FILE",
        help="Rows end at ; or a line end, channels at a blank row (;;). A file may hold the kernel too.",
    ),
]
Kernels = Annotated[
    list[str] | None,
    typer.Option(
        "--kernel",
        metavar="NUMBERS|FILE",
        help="Likewise; repeated for more filters. With --pool a size.",
    ),
]
Bias = Annotated[
    str | None, typer.Option("--bias", metavar="B", help="A number, or one for each filter: '1 2'.")
]
Filling = Annotated[
    str | None, typer.Option("--padding", metavar="WORD", help="zero, or copy: the edge's number.")
]
Pool = Annotated[
    str | None, typer.Option("--pool", metavar="WORD", help="Pool instead: max or average.")
]
Ceil = Annotated[bool | None, typer.Option("--ceil", help="Round a size up, as some pools do.")]
CountPad = Annotated[
    bool | None,
    typer.Option(
        "--count-pad/--no-count-pad", help="Whether an average counts the padding's zeros."
    ),
]
Flip = Annotated[
    bool | None,
    typer.Option("--flip", help="Turn the kernel by 180 degrees: mathematics' convolution."),
]
Axes = Annotated[
    int | None,
    typer.Option(
        "--axes",
        metavar="N",
        help="Spatial axes: with 1 rows are channels, with 3 blocks are slices.",
    ),
]
Steps = Annotated[bool, typer.Option("--steps", help="Write out each window's sum.")]
Digits = Annotated[
    int | None, typer.Option("--digits", metavar="N", min=0, help="Round to N decimals.")
]


def convolve(
    input: Numbers,
    kernel: Kernels = None,
    bias: Bias = None,
    stride: Stride = None,
    pad: Pad = None,
    dilation: Dilation = None,
    padding: Filling = None,
    pool: Pool = None,
    ceil: Ceil = None,
    count_pad: CountPad = None,
    flip: Flip = None,
    axes: Axes = None,
    steps: Steps = False,
    digits: Digits = None,
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Compute a feature map, window by window."""
    from cnncalc.window.convolve_file import compute, gather

    maps = compute(
        **gather(
            input,
            kernel or [],
            bias=bias,
            stride=stride,
            pad=pad,
            dilation=dilation,
            padding=padding,
            pool=pool,
            ceil=ceil,
            count_pad=count_pad,
            flip=flip,
            axes=axes,
        )
    )
    show_maps(maps, opt.Shown(format, output), windows=steps, digits=digits)


def show_maps(maps: FeatureMaps, shown: opt.Shown, *, windows: bool, digits: int | None) -> None:
    """Feature maps in the format asked for."""
    from cnncalc.window import convolve_page as view

    style = style_of(shown)
    if style == "json":
        write(json_text(view.document(maps, windows=windows, digits=digits)), shown.output)
    elif style in ("table", "plain"):
        write(view.render(maps, windows=windows, digits=digits), shown.output)
    else:
        show_table(view.table(maps, windows=windows, digits=digits), style, shown.output)


__all__ = ["convolve", "solve"]
