"""convert: a network as a spec, code or another tool's file; spec: a network's own spec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_written
from cnncalc.cli.show import echo_err, keep_sources, to_file, write, write_file, write_zeros_file
from cnncalc.network import load
from cnncalc.spec.overrides import check_choice
from cnncalc.text.messages import LANGUAGES, in_language
from cnncalc.text.printable import printable_lines

if TYPE_CHECKING:
    from cnncalc.models.writers import Written

To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="FORMAT",
        parser=opt.word,
        autocompletion=complete_written,
        help="What to write: yaml, torch, keras, onnx, mermaid or scalesim. "
        "Told from the file's ending unless given; else yaml.",
    ),
]
Expand = Annotated[
    bool, typer.Option("--expand", help="Every block and repeat written out, one layer a line.")
]


def convert(
    net: opt.RequiredNet,
    to: To = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    source_format: opt.From = None,
    output: opt.Output = None,
    lang: opt.MessageLang = "en",
) -> None:
    """Write a network in another form."""
    check_choice("--lang", lang, LANGUAGES)
    from cnncalc.models.writers import format_of, write_graph

    keep_sources("-o", output, [net])
    loaded = load(net, input, opt.read_settings(set), source_format)
    if to is None:
        to = format_of(output) if output is not None and to_file(output) else "yaml"
    written = write_graph(loaded.graph, loaded.title, to, _file_name(output))
    for note in written.notes:
        echo_err(in_language(note, lang))
    if output is not None and written.data:
        _write_data(written, output, net)
    else:
        write(printable_lines(written.text.rstrip("\n")), output)


def _file_name(output: Path | None) -> str:
    """Return the name of the file that is written; '' where it is a device, or none."""
    if output is None or not to_file(output):
        return ""
    return output.name if output.is_file() or not output.exists() else ""


def _write_data(written: Written, output: Path, net: str) -> None:
    """Write a file that is no text, and before it the one of zeros that it needs.

    Raises SpecError where there is a file of other data in the zeros' place.
    """
    beside = output.with_name(f"{output.name}.data")
    keep_sources("-o", beside, [net])
    if written.zeros:
        write_zeros_file(written.zeros, beside)
        echo_err(f"its weights are zeros: {beside}, {written.zeros:,} bytes, goes with it")
    write_file(written.data, output)


def spec(
    net: opt.RequiredNet,
    expand: Expand = False,
    input: opt.Input = None,
    set: opt.Settings = None,
    source_format: opt.From = None,
    output: opt.Output = None,
    lang: opt.MessageLang = "en",
) -> None:
    """Print a network's own spec, or one that is written from its layers."""
    check_choice("--lang", lang, LANGUAGES)
    loaded = load(net, input, opt.read_settings(set), source_format)
    if expand:
        from cnncalc.models.write_yaml import write_flat

        text = write_flat(loaded.graph, loaded.title)
    elif loaded.model is not None or input or set:
        from cnncalc.models.writers import write_graph

        text = write_graph(loaded.graph, loaded.title, "yaml").text
    else:
        from cnncalc.spec.variant_text import own_text

        text = own_text(loaded.spec).rstrip("\n")
    write(printable_lines(text), output)


__all__ = ["convert", "spec"]
