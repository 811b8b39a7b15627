"""convert: a network as a spec, code or another tool's file; spec: a network's own spec."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_written
from cnncalc.cli.show import keep_sources, say, to_file, write
from cnncalc.network import load
from cnncalc.text.printable import printable_lines

To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="FORMAT",
        parser=opt.word,
        autocompletion=complete_written,
        help="What to write: yaml, torch, keras, mermaid or scalesim. "
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
) -> None:
    """Write a network in another form."""
    from cnncalc.models.writers import format_of, write_graph

    keep_sources("-o", output, [net])
    loaded = load(net, input, opt.read_settings(set), source_format)
    if to is None:
        to = format_of(output) if output is not None and to_file(output) else "yaml"
    written = write_graph(loaded.graph, loaded.title, to)
    for note in written.notes:
        say(note)
    write(printable_lines(written.text.rstrip("\n")), output)


def spec(
    net: opt.RequiredNet,
    expand: Expand = False,
    input: opt.Input = None,
    set: opt.Settings = None,
    source_format: opt.From = None,
    output: opt.Output = None,
) -> None:
    """Print a network's own spec, or one that is written from its layers."""
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
