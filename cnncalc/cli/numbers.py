"""solve: the unknown one of a layer's sizes; convolve: numbers through one layer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import one_of
from cnncalc.cli.show import show

Size = Annotated[
    str | None, typer.Option("--input", metavar="N", help="The input's size: 227, or 7x9.")
]
Outputs = Annotated[str | None, typer.Option("--output", metavar="O", help="The output's size.")]
Window = Annotated[
    str | None, typer.Option("--kernel", metavar="F", help="The kernel's size: 3, or 1x7.")
]
File = Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Write to a file.")]


def solve(
    input: Size = None,
    output: Outputs = None,
    kernel: Window = None,
    stride: opt.Stride = None,
    pad: opt.Pad = None,
    dilation: opt.Dilation = None,
    ceil: opt.Ceil = False,
    transpose: opt.Transpose = False,
    output_pad: opt.OutputPad = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    file: File = None,
) -> None:
    """Find the one of input, output, kernel, stride and pad that is left out; exit code 1 where there is none."""
    from cnncalc.window.solve import solve as find
    from cnncalc.window.solve_page import solve_page

    solution = find(
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
    show(solve_page(solution, lang), opt.Shown(format, file, lang))
    if not solution.solved:
        raise typer.Exit(1)


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
    str | None,
    typer.Option(
        "--padding",
        metavar="WORD",
        autocompletion=one_of(lambda: ("zero", "copy")),
        help="zero, or copy: the edge's number.",
    ),
]
Pool = Annotated[
    str | None,
    typer.Option(
        "--pool",
        metavar="WORD",
        autocompletion=one_of(lambda: ("max", "average")),
        help="Pool instead: max or average.",
    ),
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
    int | None, typer.Option("--digits", metavar="N", min=0, max=1000, help="Round to N decimals.")
]


def convolve(
    input: Numbers,
    kernel: Kernels = None,
    bias: Bias = None,
    stride: opt.Stride = None,
    pad: opt.Pad = None,
    dilation: opt.Dilation = None,
    padding: Filling = None,
    pool: Pool = None,
    ceil: Ceil = None,
    count_pad: CountPad = None,
    flip: Flip = None,
    axes: Axes = None,
    steps: Steps = False,
    digits: Digits = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Compute a feature map, window by window."""
    from cnncalc.window.convolve_file import compute, gather
    from cnncalc.window.convolve_page import convolve_page

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
    page = convolve_page(maps, windows=steps, digits=digits, lang=lang)
    show(page, opt.Shown(format, output, lang))


__all__ = ["convolve", "solve"]
