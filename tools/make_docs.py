"""The pages of docs/ that are made from the code and the specs.

    python tools/make_docs.py            # write them
    python tools/make_docs.py --check    # say which are stale; exit code 1 where one is

`commands.md` and `zoo.md` are made whole. In any other page the lines between `<!-- begin NAME -->` and
`<!-- end NAME -->` are; what stands outside is written by hand. The same code always makes the same pages.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest import mock

import typer

import cnncalc
from cnncalc.classroom import roster
from cnncalc.cli import COMMANDS, LazyGroup, app, main
from cnncalc.counts import claims
from cnncalc.counts.claims import Verdict
from cnncalc.draw.draw import MAX_BOXES
from cnncalc.homework import questions
from cnncalc.homework.sheets import rows, workbook
from cnncalc.lectures import load, select
from cnncalc.models import archive, builder, onnx_messages
from cnncalc.ops import OPS
from cnncalc.ops.base import Kept, Op, Work, product_text
from cnncalc.ops.fields import REQUIRED, Field, SameAs
from cnncalc.ops.shapes import Shape
from cnncalc.page.page import MAX_PAGE_LAYERS
from cnncalc.report.analysis import Report, Row
from cnncalc.sizing import sweep
from cnncalc.spec import claim, layers, visible, walk
from cnncalc.spec.blocks import library_block, read_library_block
from cnncalc.spec.file import SPEC
from cnncalc.spec.layers import COMMON_FIELDS, Block
from cnncalc.spec.shipped import block_names, network_file, specs_folder
from cnncalc.tables import FORMATS
from cnncalc.text import archives, expressions, source
from cnncalc.text import numbers as quantities
from cnncalc.text import yaml_tree as yamltext
from cnncalc.window import convolve, matrices

DOCS = Path(__file__).parent.parent / "docs"
GENERATOR = "tools/make_docs.py"
WIDTH = 88
"""Columns of the help texts."""

MINUTE = 12
"""Lines that are shown of an output as long as a file."""

EXAMPLES = {name: command.example for name, command in COMMANDS.items()}
"""One real run of each command, which its help shows too."""


# --- running commands -----------------------------------------------------------------------------------------------


def shell(line: str, folder: Path) -> str:
    """Return what `cnncalc ...` prints when it is run in a folder, on standard output and standard error alike.

    `< FILE` gives it a file as its standard input. The installed specs are called `specs/...`, wherever they are.
    """
    words, _, file = line.partition(" < ")
    out = io.StringIO()
    data = (folder / file.strip()).read_bytes() if file else b""
    stdin = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    with (
        plain_terminal(),
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(out),
        mock.patch("sys.stdin", stdin),
    ):
        main(shlex.split(words)[1:])
    return out.getvalue().replace(f"{specs_folder()}{os.sep}", "specs/").rstrip()


@contextmanager
def plain_terminal() -> Iterator[None]:
    """Yield a terminal of known width without colour."""
    with mock.patch.dict(os.environ, {"COLUMNS": str(WIDTH), "NO_COLOR": "1", "TERM": "dumb"}):
        yield


def help_of(group: LazyGroup, name: str) -> str:
    """Return a command's `--help` as plain text."""
    settings = {
        "terminal_width": WIDTH,
        "max_content_width": WIDTH,
        **(app.info.context_settings or {}),
    }
    with plain_terminal():
        outer = typer.Context(group, info_name="cnncalc", **settings)
        command = group.get_command(outer, name)
        text: str = command.get_help(
            typer.Context(command, parent=outer, info_name=name, **settings)
        )
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))


def fenced(text: str, language: str = "text") -> list[str]:
    """Return a fenced block, and an empty line after it; its fence is longer than any in the text."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("```+", text))])
    return [f"{fence}{language}", *text.split("\n"), fence, ""]


def escaped(text: object) -> str:
    """Return a text in a cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(headers: str, rows: Iterable[Iterable[object]]) -> list[str]:
    """Return a Markdown table. `headers` are separated by `|`; one that ends in `:` stands flush right."""
    named = [header.strip() for header in headers.split("|")]
    rule = ["---:" if header.endswith(":") else "---" for header in named]
    body = [[escaped(cell) for cell in row] for row in rows]
    return [
        "| " + " | ".join(cells) + " |"
        for cells in ([header.rstrip(":") for header in named], rule, *body)
    ]


# --- commands.md ----------------------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command's help in the groups of `cnncalc --help`, each with a real run."""
    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)
    lines = [
        f"<!-- Made by {GENERATOR} from the commands themselves; do not edit. -->",
        "",
        "# Commands",
        "",
        *COMMANDS_INTRODUCTION.split("\n"),
        "",
    ]
    lines += table(
        "option of `cnncalc` itself|what it does",
        ((f"`{'`, `'.join(option.opts)}`", getattr(option, "help", "")) for option in group.params),
    )
    lines += [""]
    for title, members in by_group():
        lines += [f"## {title}", ""]
        for name in members:
            lines += command_section(group, name)
    return "\n".join(lines).rstrip() + "\n"


COMMANDS_INTRODUCTION = f"""\
`NET` is a network's name or alias (`cnncalc list` shows them), the path of a spec file, or `-` for standard input. A
name comes first, then a path that ends in `.yaml` or `.yml` or has a slash, then an alias, then any other file.

Results go to standard output, everything else to standard error. The exit code is 0 where all is well (notes too), 1
where an answer, a claim or a printed cell failed or nothing was found, 2 where the usage, a spec or a file is wrong.

Results are plain text; on a terminal they are tables with the columns that fit. `--format` asks for
`{"`, `".join(FORMATS[:-1])}` or `{FORMATS[-1]}`, and `-o FILE` writes a file, whole or not at all."""


def by_group() -> Iterator[tuple[str, list[str]]]:
    """Yield the commands' names by group, both in the order of their first mention."""
    groups: dict[str, list[str]] = {}
    for name, command in COMMANDS.items():
        groups.setdefault(command.group, []).append(name)
    yield from groups.items()


def command_section(group: LazyGroup, name: str) -> list[str]:
    """One command: its help and its example."""
    lines = [f"### cnncalc {name}", "", *fenced(help_of(group, name))]
    if name not in EXAMPLES:
        return lines
    with TemporaryDirectory() as folder:
        shown = shell(EXAMPLES[name], Path(folder)).split("\n")
    if name == "schema":
        shown = [*shown[:MINUTE], "..."]
    return [*lines, *fenced("\n".join([f"$ {EXAMPLES[name]}", *shown]), "console")]


# --- zoo.md ---------------------------------------------------------------------------------------------------------


class Specimen(NamedTuple):
    """A network of the zoo as its page shows it."""

    net: cnncalc.Network
    report: Report
    verdicts: list[Verdict]

    @property
    def family(self) -> str:
        """The networks that it belongs to."""
        return self.net.spec.family


def specimens() -> list[Specimen]:
    """All networks, by family, year and name."""
    nets = [cnncalc.load(name) for name in cnncalc.networks()]
    nets.sort(key=lambda net: (net.spec.family.lower(), net.spec.year or 0, net.name))
    return [Specimen(net, net.report(), net.check_claims()) for net in nets]


def zoo_page() -> str:
    """Every network by family: its size, its source, and what its source prints."""
    zoo = specimens()
    lines = [
        f"<!-- Made by {GENERATOR} from specs/networks/; do not edit. -->",
        "",
        "# The zoo",
        "",
        *ZOO_INTRODUCTION.format(count=len(zoo)).split("\n"),
        "",
    ]
    for family, members in groupby(zoo, key=lambda one: one.family):
        found = list(members)
        lines += [f"## {family}", "", *family_table(found), ""]
        lines += [f"- [`{one.net.name}`]({spec_link(one)}): {source_of(one)}" for one in found]
        verdicts = [(one, verdict) for one in found for verdict in one.verdicts]
        if verdicts:
            lines += ["", *claims_table(verdicts)]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


ZOO_INTRODUCTION = """\
The {count} networks that cnncalc knows, by family. Parameters, MACs and activations are of one example at the input
given, without side outputs; activations are the outputs that the lectures count (see [arithmetic](arithmetic.md)).
The receptive field, with its jump behind the slash, is that of the last layer with more than one position.

What a source prints is a claim in the spec. It is *met* where our number rounds to the digits printed, *cut* where it
has them and was not rounded, *near* where the source speaks roughly or of a budget, *not-computable* where nothing says
what it counted, and an *erratum* where it is wrong; the reason stands beside it. `cnncalc validate NAME` checks the
claims of one network. The `senet` convention was fitted to the very table whose numbers are claimed by it."""


def family_table(members: list[Specimen]) -> list[str]:
    """Sizes of the networks of one family."""
    return table(
        "network|title|year|input|params:|MACs:|activations:|receptive field",
        (
            (
                f"`{one.net.name}`",
                one.net.title,
                one.net.spec.year or "",
                by(one.report.input),
                f"{one.report.totals.params:,}",
                f"{one.report.totals.macs:,}",
                f"{one.report.totals.activations:,}",
                receptive_field(one.report),
            )
            for one in members
        ),
    )


def by(sizes: Iterable[object]) -> str:
    """Sizes as 55×55×96."""
    return "×".join(map(str, sizes))


def last_spatial(report: Report) -> Row:
    """Return the last layer of the main path with more than one position."""
    return next(
        row
        for row in reversed(report.rows)
        if not row.side and any(size > 1 for size in row.output[:-1])
    )


def receptive_field(report: Report) -> str:
    """Size and jump at the last layer with more than one position."""
    row = last_spatial(report)
    if None in row.receptive_field:
        return "unknown"
    jump = set(row.jump)
    return f"{by(row.receptive_field)} / {by(jump if len(jump) == 1 else row.jump)}"


def spec_link(one: Specimen) -> str:
    """Return the spec, seen from docs/."""
    shipped = network_file(one.net.name)
    assert shipped is not None
    return f"../specs/{shipped.path.relative_to(specs_folder()).as_posix()}"


def source_of(one: Specimen) -> str:
    """Where the network is from, and its other names."""
    aliases = one.net.spec.aliases
    return one.net.spec.cited + (f" (also `{'`, `'.join(aliases)}`)" if aliases else "")


def claims_table(verdicts: list[tuple[Specimen, Verdict]]) -> list[str]:
    """Return what the sources print, beside our numbers."""
    return table(
        "network|printed|where|ours:|verdict",
        (
            (
                f"`{one.net.name}`",
                printed(verdict),
                verdict.claim.source,
                verdict.computed,
                f"{verdict.status}: {verdict.claim.why}" if verdict.claim.why else verdict.status,
            )
            for one, verdict in verdicts
        ),
    )


def printed(verdict: Verdict) -> str:
    """Return a claim's quantity as printed, and what it was printed for."""
    claim = verdict.claim
    given = [f"{name} {value.text}" for name, value in claim.settings]
    given += [f"input {claim.input.text}"] if claim.input is not None else []
    given += [f"convention {claim.convention}"] if claim.convention else []
    return f"{claim.quantity} {claim.written.text}" + (f" ({', '.join(given)})" if given else "")


# --- parts of spec.md -----------------------------------------------------------------------------------------------


def keys_part() -> list[str]:
    """Return the keys of a spec file."""
    return table("key|what it is", ((f"`{key}`", text) for key, text in SPEC.help.items()))


def common_part() -> list[str]:
    """Return the fields that every layer may carry."""
    return table("field|what it is", ((f"`{key}`", text) for key, text in COMMON_FIELDS.items()))


VALUES = (
    "filters: 64",
    "filters: '64'",
    "filters: 64.0",
    "filters: 1e2",
    "filters: 0.35 * 20",
    "filters: 31.5",
    "filters: 010",
    "filters: 0x10",
    "filters: 1_000",
    "filters: 1:30",
    "filters: true",
    "filters: no",
    "filters: ~",
    "filters:",
    "bias: true",
    "bias: no",
    "bias: True",
    "bias: 1",
    "kernel: 3",
    "kernel: 1x7",
    "kernel: [1, 7]",
    "kernel: [3]",
    "pad: 1",
    "pad: [1, 2]",
    "pad: same",
    "pad: [[0, 1], [2, 3]]",
    "pad: -1",
    "name: no",
)
"""Fields of a conv as somebody may write them."""


def values_part() -> list[str]:
    """Return what becomes of a value as written."""
    return table(
        "written in a `conv`|read as", ((f"`{text}`", read_value(text)) for text in VALUES)
    )


def read_value(text: str) -> str:
    """Return what a conv's field becomes, or the error."""
    field = text.partition(":")[0]
    fields = {"filters": "8", "kernel": "3", field: text.partition(":")[2].strip()}
    lines = [
        "input: 32x32x3",
        "layers:",
        "  - conv:",
        *(f"      {name}: {value}" for name, value in fields.items()),
    ]
    try:
        node = cnncalc.loads("\n".join(lines), "net.yaml").graph.nodes[1]
    except cnncalc.SpecError as error:
        return f"error: {error.problems[0].message}" + (
            f" ({hint})" if (hint := error.problems[0].hint) else ""
        )
    value = node.name if field == "name" else getattr(node.op, field)
    return "`" + show(value) + "`"


def show(value: Any) -> str:
    """Return a field's value as a spec writes it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(show, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


SIZES = (
    ("224x224x3", "320"),
    ("224x224x3", "320x240"),
    ("224x224x3", "320x240x1"),
    ("224x224x3", "2x3x4x5"),
    ("100x16", "50"),
    ("100x16", "50x8"),
    ("784", "50"),
    ("224x224x3", "0"),
)
"""The input of a network, and another one that somebody asks for."""


def sizes_part() -> list[str]:
    """Return what `--input` makes of a network's input."""
    return table(
        "the spec's `input`|`--input`|the network's input",
        ((f"`{own}`", f"`{given}`", other_input(own, given)) for own, given in SIZES),
    )


def other_input(own: str, given: str) -> str:
    """Return the input that a network gets, or the error."""
    try:
        return f"`{'x'.join(map(str, cnncalc.loads(f'input: {own}{chr(10)}layers: [relu]', input=given).graph.input))}`"
    except cnncalc.SpecError as error:
        return f"error: {error.problems[0].message}"


READINGS: tuple[tuple[str, str], ...] = (
    ("[relu: {name: relu2}, relu]", "numbers count named layers, and may meet a name"),
    ("[{relu: {}, when: false}, relu]", "what is left out has no number"),
    (
        "[residual: {layers: [relu], shortcut: {when: false, layers: [bn]}}]",
        "a shortcut left out is the identity",
    ),
    (
        "[residual: {name: r, layers: [relu], skip: false}, bn: {from: r}]",
        "no skip: the name is the last layer's",
    ),
    (
        "[add: [[{relu: {}, when: false}], []]]",
        "an emptied branch is the identity, in `add` and `multiply`",
    ),
    ("[concat: [[{relu: {}, when: false}], []]]", "and an error in `concat`"),
    (
        "[concat: [{when: false, layers: [relu]}, [bn]]]",
        "a branch left out is not there; the merge keeps its row",
    ),
    (
        "[repeat: {name: r, times: 0, layers: [relu]}, bn: {from: r}]",
        "no turns: the name is what arrives",
    ),
    (
        "[repeat: {name: r, times: 2, layers: [conv: {filters: 3, kernel: 1, from: input}]}]",
        "`input` is what arrives at the network, in a repeat too",
    ),
    ("[relu: {name: a}, side: [bn: {from: a}], relu]", "a side sees what is around it"),
    ("[side: {name: s, layers: [bn]}, relu: {from: s}]", "nothing names a side"),
    ("[fc: 10, residual: [bn, relu], softmax]", "norms, activations and merges take vectors"),
    ("[fc: 10, maxpool: 2]", "convs and pools do not"),
    (
        "[conv: {name: a, filters: 3, kernel: 3}, conv: {filters: 3, kernel: 3, stride: 2, share: a}]",
        "shared weights may have another stride",
    ),
    (
        "[{conv: {name: a, filters: 8, kernel: 1}}, {bn: {from: input}, when: channels < 4}]",
        "`when` asks what `from` brings",
    ),
)
"""Layers where the rules could be read in two ways, and how they are read."""


def readings_part() -> list[str]:
    """Return what some layers give on 32x32x3."""
    return table(
        "layers on 32x32x3|rows|rule",
        ((f"`{text}`", rows_of(text), rule) for text, rule in READINGS),
    )


def rows_of(text: str) -> str:
    """Return the rows of a list of layers, or the error."""
    try:
        rows = cnncalc.loads(f"input: 32x32x3\nlayers: {text}\n", "net.yaml").report().rows[1:]
    except cnncalc.SpecError as error:
        return f"error: {error.problems[0].message}"
    return ", ".join(f"`{row.name}` {by(row.output)}" for row in rows)


def blocks_part() -> list[str]:
    """Return the block library: parameters and the first sentence of each file."""
    return table(
        "block|parameters|what it is",
        (
            (f"`{name}`", parameters_of(library_block(name)), first_sentence(name))
            for name in block_names()
        ),
    )


def parameters_of(block: Block) -> str:
    """Return a block's parameters as its file writes them; the one that a bare value goes to in bold."""
    bare = block.bare_parameter()
    shown = []
    for parameter in block.parameters:
        located = None if parameter.default is None else parameter.default.located
        default = f": {located.text}" if isinstance(located, yamltext.Scalar) else ""
        text = f"`{parameter.name}{default}`"
        shown.append(f"**{text}**" if parameter.name == bare else text)
    return ", ".join(shown) or "none"


def first_sentence(name: str) -> str:
    """Return the first sentence of a block file's header."""
    key, _ = read_library_block(name)
    comment = []
    for line in key.span.source.text.split("\n"):
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# "))
    return re.split(r"(?<=\.)\s+(?=[A-Z`])", " ".join(comment))[0]


def ops_part() -> list[str]:
    """Every op and its fields, by family."""
    lines: list[str] = []
    for family, members in groupby(OPS.values(), key=lambda op: op.family):
        lines += [
            f"**{family}**",
            "",
            *table("op|field|takes|default|what it is", op_rows(members)),
            "",
        ]
    return lines[:-1]


def op_rows(ops: Iterable[type[Op]]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each op and one for each of its fields; a field that a bare value goes to is bold."""
    for op in ops:
        yield f"`{op.kind}`", "", "", "", op.help
        if op.merges:
            yield (
                "",
                "**`branches`**" if op.bare == "branches" else "`branches`",
                "a list of branches, or `from` with a list of names",
                "what arrives" if op.takes_one else "",
                "what it takes" if op.takes_one else "what is merged",
            )
        for field in op.fields:
            name = f"**`{field.name}`**" if field.name == op.bare else f"`{field.name}`"
            yield "", name, field.kind.expected, default_of(op, field), field.help


def default_of(op: type[Op], field: Field) -> str:
    """Return a field's default in words."""
    if field.default is REQUIRED:
        return "required"
    if isinstance(field.default, SameAs):
        return f"as `{field.default.field}`"
    if field.name in op.needs_one_of:
        return "one of these"
    return f"`{show(field.default)}`"


def limits_part() -> list[str]:
    """Return what bounds a spec from a stranger."""
    return table("what|at most", SPEC_LIMITS)


SPEC_LIMITS = (
    ("a file", f"{yamltext.MAX_BYTES // 2**20} MiB"),
    ("lists and mappings inside each other", f"{yamltext.MAX_DEPTH}"),
    ("values in a file", f"{yamltext.MAX_VALUES:,}"),
    ("values that aliases repeat", f"{yamltext.MAX_COPIES:,}"),
    ("layers, blocks and repeats expanded", f"{layers.MAX_LAYERS:,}"),
    ("lists of layers inside each other, through blocks too", f"{layers.MAX_NESTING}"),
    ("characters of an expression", f"{expressions.MAX_LENGTH:,}"),
    ("an expression's nesting", f"{expressions.MAX_NESTING}"),
    ("a number, and every result on the way", f"{expressions.MAX_NUMBER:,} either way"),
    ("positions of an output along an axis, and its channels", f"{expressions.MAX_NUMBER:,}"),
    ("a number in a claim", f"10^{quantities.MAX_POWER}"),
    ("problems that are told of one file", f"{source.MAX_PROBLEMS}"),
)


def all_limits_part() -> list[str]:
    """Every limit, by what is read; those that the variable multiplies are marked."""
    raised = {
        "a spec": (
            ("bytes of a file", yamltext.MAX_BYTES),
            ("values in it", yamltext.MAX_VALUES),
            ("values that aliases repeat", yamltext.MAX_COPIES),
            ("layers, expanded", layers.MAX_LAYERS),
            ("maps that all concats with `grow` join", walk.MAX_TAKEN),
            ("parameters of a list", visible.MAX_PARAMETERS),
            ("functions of a list", visible.MAX_FUNCTIONS),
            ("claims", claim.MAX_CLAIMS),
            ("layers of all claims with an input or settings of their own", claims.MAX_CLAIMED),
        ),
        "a sheet": (
            ("bytes of a file", rows.MAX_BYTES),
            ("lines", rows.MAX_LINES),
            ("characters of a line", rows.MAX_LINE),
            ("rows", rows.MAX_ROWS),
            ("columns", rows.MAX_COLUMNS),
            ("bytes of a worksheet, unpacked", workbook.MAX_CELLS_XML),
            ("cells of a worksheet", workbook.MAX_CELLS),
            ("members of a workbook", workbook.MAX_MEMBERS),
            ("merged ranges", workbook.MAX_MERGED),
            ("students of a roster", roster.MAX_STUDENTS),
            ("files of a folder or an archive of sheets", archives.MAX_MEMBERS),
        ),
        "a homework": (
            ("questions, or rows times columns", questions.MAX_QUESTIONS),
            ("layers of all its networks", questions.MAX_LAYERS),
        ),
        "a lecture's table": (
            ("rows times columns", load.MAX_CELLS),
            ("stories of its cells", load.MAX_STORIES),
            ("layers of all its networks", select.MAX_LAYERS),
        ),
        "a model file": (
            ("bytes of its JSON", archive.MAX_JSON_BYTES),
            ("values of its JSON", archive.MAX_JSON_VALUES),
            (
                "layers: operations of a PyTorch export, calls in Keras, ops in ONNX",
                layers.MAX_LAYERS,
            ),
            ("tensors that all layers take together", builder.MAX_TAKEN),
            ("tensors of an ONNX graph", onnx_messages.MAX_TENSORS),
        ),
        "a command": (
            ("variants of a sweep", sweep.MAX_VARIANTS),
            ("products of convolve", convolve.MAX_PRODUCTS),
            ("characters of convolve's numbers", matrices.MAX_TEXT),
            ("boxes of a picture", MAX_BOXES),
            ("layers of a page of `report`", MAX_PAGE_LAYERS),
        ),
    }
    listed = [
        (where, what, f"{most:,}") for where, limits in raised.items() for what, most in limits
    ]
    return table("in|what|at most", listed)


# --- parts of arithmetic.md -----------------------------------------------------------------------------------------


MAP: Shape = (9, 9, 6)
SAMPLES: dict[str, dict[str, Any]] = {
    "conv": {"filters": 8, "kernel": 3},
    "conv_transpose": {"filters": 8, "kernel": 3},
    "maxpool": {"kernel": 3},
    "avgpool": {"kernel": 3},
    "adaptiveavgpool": {"size": 2},
    "adaptivemaxpool": {"size": 2},
    "fc": {"units": 10},
    "groupnorm": {"groups": 2},
    "scale": {"factor": 2},
    "reshape": {"shape": (486,)},
    "slice": {"stride": 2},
    "pad": {"size": 1},
    "shuffle": {"groups": 2},
    "upsample": {"scale": 2},
    "broadcast": {"size": (4, 4)},
    "linear": {"units": 10},
    "embedding": {"entries": 100, "units": 8},
    "stochastic_depth": {"rate": 0},
    "reduce": {"how": "mean"},
    "crop": {"size": 1},
    "pixel_shuffle": {"scale": (2, 1)},
    "pixel_unshuffle": {"scale": 3},
    "permute": {"order": ("width", "height", "channels")},
    "parameter": {"shape": (9, 9, 6)},
    "matmul": {"transpose": True},
    "attention": {"heads": 2},
    "opaque": {"output": (7, 7, 8), "params": 1000, "macs": 2000},
    "unknown": {"output": (7, 7, 8)},
}
"""Fields that an op needs before it can be asked; the formulas do not depend on the values."""

VARIANTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("conv", "groups", {"filters": 8, "kernel": 3, "groups": 2}),
    ("conv", "connections", {"filters": 2, "kernel": 3, "connections": ((0, 1), (2,))}),
    ("conv", "bias: false", {"filters": 8, "kernel": 3, "bias": False}),
    ("conv", "bias: position", {"filters": 8, "kernel": 3, "bias": "position"}),
    ("conv_transpose", "groups", {"filters": 8, "kernel": 3, "groups": 2}),
    ("avgpool", "trainable", {"kernel": 3, "trainable": True}),
    ("upsample", "bilinear", {"scale": 2, "mode": "bilinear"}),
    ("upsample", "bicubic", {"scale": 2, "mode": "bicubic"}),
    ("reduce", "maximum over the channels", {"how": "maximum", "over": "channels"}),
    ("bn", "affine: false", {"affine": False}),
    ("prelu", "shared: false", {"shared": False}),
    ("affine", "per: element", {"per": "element"}),
)


def sample(op: type[Op], values: dict[str, Any]) -> tuple[Op, tuple[Shape, ...]]:
    """Return an op, and what arrives at it: a map, two of them, or a vector."""
    arriving: tuple[Shape, ...] = (
        (MAP, MAP) if op.merges else ((6,),) if op.kind == "broadcast" else (MAP,)
    )
    return op.read(len(arriving[0]) - 1, values), arriving


def asked_ops() -> list[tuple[str, str, dict[str, Any]]]:
    """Every op, and after it its variants: the op's name, a label, and fields."""
    asked = [(name, name, SAMPLES.get(name, {})) for name in OPS]
    for name, label, values in VARIANTS:
        place = max(index for index, (kind, _, _) in enumerate(asked) if kind == name)
        asked.insert(place + 1, (name, f"{name}, {label}", values))
    return asked


def events_part() -> list[str]:
    """How often each event happens in an op, as formulas."""
    rows = []
    for name, label, values in asked_ops():
        op, arriving = sample(OPS[name], values)
        rows.append(
            (f"`{label}`", work_text(op.work(op.output_shape(*arriving), *arriving)) or "nothing")
        )
    return table("op|events", rows)


def work_text(works: Iterable[Work]) -> str:
    """Document counted events: how many of each, and what they are for.

    E stands for output elements, P for positions.
    """
    counted = []
    for work in works:
        factors = [factor for factor in work.factors if factor.symbol != "per element"]
        times = [str(factor.value) for factor in work.factors if factor.symbol == "per element"]
        formula = re.sub("O_h·O_w·[CK]", "E", product_text(factors)[0]).replace("O_h·O_w", "P")
        why = f" ({work.why})" if work.why else ""
        counted.append(f"{work.event} {'·'.join([*times, formula])}{why}")
    return "; ".join(counted)


def arrays_part() -> list[str]:
    """Return the arrays of each op that has any, with their shapes."""
    rows = []
    for name, label, values in asked_ops():
        op, arriving = sample(OPS[name], values)
        arrays = op.arrays(*arriving)
        shown = (f"{array.name} {'×'.join(array.symbols)} ({array.role})" for array in arrays)
        if arrays:
            rows.append((f"`{label}`", ", ".join(shown)))
    return table("op|arrays", rows)


def kept_part() -> list[str]:
    """Return what each op keeps for the backward pass, and where its output is in memory."""
    rows = []
    for name, op in OPS.items():
        made, arriving = sample(op, SAMPLES.get(name, {}))
        rows.append(
            (
                f"`{name}`",
                kept_text(made, made.kept(made.output_shape(*arriving), *arriving)),
                place_text(op),
            )
        )
    return table("op|kept for the backward pass|its output in a forward pass", rows)


def kept_text(op: Op, kept: Kept) -> str:
    """Return what is kept, in words: the op's own where it is more than inputs and outputs."""
    if kept.values or kept.index_bytes or kept.batch_values or len(kept.inputs) > 1:
        sentence = " ".join((type(op).kept.__doc__ or "").split()).partition(".")[0]
        words = sentence.removeprefix("Return ")
        return words[0].lower() + words[1:]
    parts = ["the input"] * bool(kept.inputs) + ["the output"] * kept.output
    return " and ".join(parts) or "nothing"


def place_text(op: type[Op]) -> str:
    """Where an op's output is."""
    if op.is_view:
        return "its input's memory" + (", but its own in training" if op.copies_in_training else "")
    return (
        "in its input's place where nothing else needs that" if op.in_place else "memory of its own"
    )


# --- index.md -------------------------------------------------------------------------------------------------------

PAGES = {
    "start": "once through everything, with commands to type",
    "engineer": "your own model: export, look, budget, convert, change, compare",
    "spec": "write a network of your own: layers, branches, blocks, parameters, expressions",
    "models": "read what PyTorch, Keras, ONNX and Caffe wrote",
    "convert": "write a network as a spec, code or a diagram",
    "playground": "the same in a browser, with nothing to install, and a page for students",
    "arithmetic": "sizes, parameters, operations, memory and receptive fields, with their sources",
    "conventions": "what each tool and paper counts, and why two numbers differ",
    "commands": "every command with its options and a real run",
    "zoo": "every network that ships, its source and what its paper prints",
    "draw": "pictures for a slide or a page",
    "gallery": "the pictures, from LeNet-5 to ConvNeXt",
    "report": "one HTML file with drawing, tables, charts and derivations",
    "compare": "networks beside each other, and what turns one into another",
    "sizing": "many variants, a gate for a build pipeline, what fits a memory",
    "numbers": "the unknown size of a layer, and feature maps computed by hand",
    "homework": "grade an answer, a sheet or a class, and say which slip is behind a wrong number",
    "quiz": "questions drawn from a seed, with keys, for paper and course systems",
    "classroom": "a teacher's path: questions into Moodle, Canvas, PrairieLearn, or on paper",
    "grading": "a whole class: its files, pages for students, gradebooks, an autograder",
    "course": "the lectures, topic by topic, each with commands that let a student see it",
    "lectures": "the lectures' printed tables beside ours",
    "errata": "every printed cell that is wrong, with what it should be",
    "api": "the same from Python",
    "benchmarks": "how fast it is, measured beside other tools",
    "limits": "what bounds a file from a stranger, and how to raise it",
}
"""What each page is for, in the order of the index; a page that is not here has no place in it."""


def pages_part() -> list[str]:
    """Every page: its title, and what it is for."""
    there = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    assert there <= set(PAGES), f"say in PAGES what these are for: {there - set(PAGES)}"
    return [
        f"- [{title_of(name)}]({name}.md): {gist}" for name, gist in PAGES.items() if name in there
    ]


def title_of(name: str) -> str:
    """Return a page's first heading."""
    path = DOCS / f"{name}.md"
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else name


# --- pages ----------------------------------------------------------------------------------------------------------

WHOLE: dict[str, Callable[[], str]] = {"commands.md": commands_page, "zoo.md": zoo_page}
PARTS: dict[str, Callable[[], list[str]]] = {
    "keys": keys_part,
    "common": common_part,
    "values": values_part,
    "sizes": sizes_part,
    "readings": readings_part,
    "blocks": blocks_part,
    "ops": ops_part,
    "limits": limits_part,
    "bounds": all_limits_part,
    "arrays": arrays_part,
    "events": events_part,
    "kept": kept_part,
    "pages": pages_part,
}
_PART = re.compile(r"(<!-- begin ([\w-]+)\b[^>]*-->\n).*?(<!-- end \2 -->)", re.DOTALL)


def with_parts(text: str) -> str:
    """Return a page with its generated parts made anew."""
    return _PART.sub(lambda found: found[1] + "\n".join(PARTS[found[2]]()) + "\n" + found[3], text)


def pages() -> Iterator[tuple[Path, str]]:
    """Every page with anything generated in it, as it should be; the index last, since it names the others."""
    for name, make in WHOLE.items():
        yield DOCS / name, make()
    by_hand = [path for path in sorted(DOCS.glob("*.md")) if path.name not in WHOLE]
    for path in sorted(by_hand, key=lambda path: path.name == "index.md"):
        text = path.read_text(encoding="utf-8")
        if _PART.search(text):
            yield path, with_parts(text)


def stale() -> list[str]:
    """Return the pages that are not as they would be made, by name."""
    return [
        path.name
        for path, text in pages()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def run(argv: list[str]) -> int:
    """Write the pages, or check them."""
    if argv not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if argv:
        found = stale()
        for name in found:
            print(f"docs/{name} is stale; python {GENERATOR} makes it anew", file=sys.stderr)
        return 1 if found else 0
    DOCS.mkdir(exist_ok=True)
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
