"""The options that commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from cnncalc.cli.complete import (
    complete_convention,
    complete_dtype,
    complete_format,
    complete_language,
    complete_layer,
    complete_network,
    complete_optimizer,
    complete_setting,
    complete_theme,
    complete_tool,
)
from cnncalc.tables import FORMATS
from cnncalc.text.source import single_problem


def word(text: str) -> str:
    """Read a word of ours in any case."""
    return text.lower()


def dtype_word(text: str) -> str:
    """Read a type of value in any case, and by what else people call it: fp16, half."""
    from cnncalc.report.memory import DTYPE_SYNONYMS

    return DTYPE_SYNONYMS.get(word(text), word(text))


Net = Annotated[
    str | None,
    typer.Argument(
        metavar="NET",
        help="A network's name, a spec or model file, or - for standard input.",
        autocompletion=complete_network,
    ),
]
Layer = Annotated[
    str | None,
    typer.Argument(
        metavar="LAYER", help="A layer, a block instance, or total.", autocompletion=complete_layer
    ),
]
RequiredNet = Annotated[
    str,
    typer.Argument(
        metavar="NET",
        help="A network's name, a spec file, or - for standard input.",
        autocompletion=complete_network,
    ),
]
Nets = Annotated[
    list[str],
    typer.Argument(
        metavar="NET...",
        help="Networks: names, spec or model files.",
        autocompletion=complete_network,
    ),
]
Input = Annotated[
    str | None,
    typer.Option("--input", metavar="SIZE", help="Another input: 227, 320x240, or 32x32x3."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        autocompletion=complete_setting,
        help="Another value for a parameter, or for a field of a layer: conv1.stride=2; repeatable.",
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FORMAT",
        parser=word,
        autocompletion=complete_tool,
        help="Which tool wrote the model file: pt2, keras, onnx, caffe. Told from its content unless given.",
    ),
]
Batch = Annotated[
    int, typer.Option("--batch", metavar="N", help="Examples in a batch, for memory.")
]
Dtype = Annotated[
    str,
    typer.Option(
        "--dtype",
        metavar="TYPE",
        parser=dtype_word,
        autocompletion=complete_dtype,
        help="Of a value, for memory: float32, float64, float16, bfloat16, int8, mixed.",
    ),
]
Optimizer = Annotated[
    str,
    typer.Option(
        "--optimizer",
        metavar="NAME",
        parser=word,
        autocompletion=complete_optimizer,
        help="For training memory: sgd, momentum, adam.",
    ),
]
Convention = Annotated[
    str,
    typer.Option(
        "--convention",
        metavar="NAME",
        autocompletion=complete_convention,
        help="What counts as a parameter and an operation; cnncalc conventions lists them.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        parser=word,
        autocompletion=complete_format,
        help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}. On a terminal table, in a pipe plain.",
    ),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file.")
]
Depth = Annotated[
    int | None,
    typer.Option(
        "--depth", metavar="N", help="Fold layers of longer paths: 1 shows blocks as one row."
    ),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Also the layers that change nothing: activations, dropout.")
]
NoBias = Annotated[bool, typer.Option("--no-bias", help="Leave biases out of what is counted.")]
Lang = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="en|ko",
        parser=word,
        autocompletion=complete_language,
        help="The language: en or ko.",
    ),
]
Theme = Annotated[
    str,
    typer.Option(
        "--theme",
        metavar="light|dark",
        parser=word,
        autocompletion=complete_theme,
        help="The colours of a picture.",
    ),
]
MessageLang = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="en|ko",
        parser=word,
        autocompletion=complete_language,
        help="The language of notes and mistakes: en or ko. The file itself is the same in each.",
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Fail where a layer's counts are not known.")
]
WithSide = Annotated[bool, typer.Option("--with-side", help="Count side outputs in the totals.")]


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
Ceil = Annotated[bool, typer.Option("--ceil", help="Round a size up, as some pools do.")]
Transpose = Annotated[bool, typer.Option("--transpose", help="A transposed convolution.")]
OutputPad = Annotated[
    str | None, typer.Option("--output-pad", metavar="N", help="With --transpose.")
]


class Shown(NamedTuple):
    """Where a result goes and in what form; `format` None is the terminal's own."""

    format: str | None
    output: Path | None
    lang: str = "en"


def read_settings(texts: list[str] | None) -> dict[str, Any]:
    """`NAME=VALUE` texts as a mapping. Raises SpecError for one without `=`, or a name given twice."""
    settings: dict[str, Any] = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not name:
            raise single_problem(
                "--set", text, f"'{text}' is not NAME=VALUE", "such as --set classes=10", "set"
            )
        if name in settings:
            raise single_problem("--set", text, f"'{name}' is set twice", "", "set")
        settings[name] = value.strip()
    return settings
