"""explain: the derivation of a layer's quantities; conv, pool and fc: of one layer that needs no spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_quantity
from cnncalc.cli.networks import load_noted, say_input_notes
from cnncalc.cli.show import show, show_report, style_of
from cnncalc.explain.page import explain_page
from cnncalc.ops.shapes import format_shape
from cnncalc.spec.part import TOTAL
from cnncalc.text.messages import translate

if TYPE_CHECKING:
    from cnncalc.network import Network

Quantity = Annotated[
    str | None,
    typer.Argument(
        metavar="QUANTITY",
        autocompletion=complete_quantity,
        help="output, weights, biases, params, macs, flops, activations, memory, receptive_field, "
        "buffers, outputs, output bytes, peak or training.",
    ),
]


def explain(
    net: opt.Net = None,
    layer: opt.Layer = None,
    quantity: Quantity = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Say how a layer's numbers come about."""
    loaded = load_noted(net, input, set, source_format, lang)
    layer = TOTAL if layer is None else _layer_called(loaded, layer)
    derived = loaded.explain(
        layer, quantity, batch=batch, dtype=dtype, optimizer=optimizer, convention=convention
    )
    show(
        explain_page(
            loaded.name,
            title_of(loaded, derived[0].layer if derived else layer, lang),
            derived,
            lang,
        ),
        opt.Shown(format, output, lang),
    )


def _layer_called(net: Network, word: str) -> str:
    """Return the layer that a word means, as `check` takes it, or the word itself. Raises SpecError for one of several.

    A quantity in a layer's place is of the whole network.
    """
    if net.parts.like(word) is not None:
        return word
    from cnncalc.homework.sheets.labels import LayerNames, single_layer

    return single_layer(LayerNames(net.graph), word) or word


def title_of(net: Network, layer: str, lang: str = "en") -> str:
    """Return the layer, what it is, and the shapes in and out."""
    for node in net.graph.nodes:
        if node.name == layer:
            shapes = ", ".join(format_shape(shape) for shape in node.shapes)
            arrow = f"{shapes} → " if shapes else ""
            return f"{net.name} {layer}: {node.kind}, {arrow}{format_shape(node.output)}"
    what = net.graph.scopes.get(layer)
    return (
        f"{net.name} {layer}: {what}"
        if what
        else f"{net.title}: {translate(layer, lang) if layer == TOTAL else layer}"
    )


LayerInput = Annotated[
    str, typer.Option("--input", metavar="SIZE", help="What arrives: 32x32x3, channels last.")
]
Kernel = Annotated[str, typer.Option("--kernel", metavar="F", help="The window's size: 5, or 1x7.")]


def conv(
    input: LayerInput,
    filters: Annotated[str, typer.Option("--filters", metavar="K", help="How many filters.")],
    kernel: Kernel,
    stride: opt.Stride = None,
    pad: opt.Pad = None,
    dilation: opt.Dilation = None,
    groups: Annotated[
        str | None, typer.Option("--groups", metavar="G", help="Groups of channels.")
    ] = None,
    no_bias: opt.NoBias = False,
    transpose: opt.Transpose = False,
    output_pad: opt.OutputPad = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    convention: opt.Convention = "standard",
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """One convolution."""
    fields = {
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "pad": pad,
        "dilation": dilation,
        "groups": groups,
        "output_pad": output_pad,
        "bias": "false" if no_bias else None,
    }
    op = "conv_transpose" if transpose else "conv"
    single(op, input, fields, opt.Shown(format, output, lang), batch, dtype, convention)


def pool(
    input: LayerInput,
    kernel: Kernel,
    stride: opt.Stride = None,
    pad: opt.Pad = None,
    dilation: opt.Dilation = None,
    ceil: opt.Ceil = False,
    average: Annotated[
        bool, typer.Option("--average", help="The mean rather than the maximum.")
    ] = False,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    convention: opt.Convention = "standard",
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """One pooling layer; the stride is the kernel unless given."""
    fields = {
        "kernel": kernel,
        "stride": stride,
        "pad": pad,
        "dilation": dilation,
        "ceil": "true" if ceil else None,
    }
    single(
        "avgpool" if average else "maxpool",
        input,
        fields,
        opt.Shown(format, output, lang),
        batch,
        dtype,
        convention,
    )


def fc(
    input: LayerInput,
    units: Annotated[str, typer.Option("--units", metavar="U", help="How many outputs.")],
    no_bias: opt.NoBias = False,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    convention: opt.Convention = "standard",
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """One fully connected layer."""
    fields = {"units": units, "bias": "false" if no_bias else None}
    single("fc", input, fields, opt.Shown(format, output, lang), batch, dtype, convention)


def single(
    op: str,
    shape: str,
    fields: dict[str, str | None],
    shown: opt.Shown,
    batch: int,
    dtype: str,
    convention: str,
) -> None:
    """One layer, its result first and then its derivations."""
    from cnncalc.network import layer

    given = {name: value for name, value in fields.items() if value is not None}
    net = layer(op, shape, **given)
    say_input_notes(net, lang=shown.lang)
    name = net.graph.nodes[1].name
    report = net.report(batch=batch, dtype=dtype, convention=convention)
    if style_of(shown) in ("json", "csv"):
        show_report(report, "summary", shown, everything=True)
        return
    row = report.row(name)
    title = translate(
        "{op}: {input} → {output}, {count} parameters",
        shown.lang,
        op=op,
        input=format_shape(net.graph.input),
        output=format_shape(row.output),
        count=f"{row.params:,}",
    )
    derived = net.explain(name, batch=batch, dtype=dtype, convention=convention)
    show(explain_page(net.name, title, derived, shown.lang), shown)


__all__ = ["conv", "explain", "fc", "pool"]
