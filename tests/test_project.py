"""What holds the project together: order of imports, registries, docs, shipped data, late imports, plain words."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from extent import sample
from test_ops import ROWS, fields_of, word_of

import cnncalc
from cnncalc.cli import COMMANDS, app
from cnncalc.ops import FIELD_ALIASES, OP_ALIASES, OPS
from cnncalc.ops.base import EVENTS, Input, Op
from cnncalc.report.conventions import load_convention
from cnncalc.spec.blocks import check_library, library_block
from cnncalc.spec.file import SPEC
from cnncalc.spec.layers import COMBINATORS, COMMON_FIELDS
from cnncalc.spec.quantities import ASKED
from cnncalc.spec.schema import spec_schema
from cnncalc.spec.shipped import block_names, data_files, network_files
from cnncalc.tables import FORMATS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cnncalc"
DOCS = ROOT / "docs"

# ---- the order of imports -------------------------------------------------------------------------------------------

FLOORS = (
    "text",
    "ops",
    "spec",
    "models",
    "report",
    "tables",
    "network zoo explain window counts compare sizing draw page",
    "lectures homework exports",
    "classroom quiz",
    "cli __main__",
)
"""The rooms, floor by floor: a module imports from its own floor and those below, never from one above."""


def package_modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module but the package itself, by its name within it, and its syntax."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if name != "__init__":
            yield name, ast.parse(path.read_text(encoding="utf-8"))


MODULES = dict(package_modules())


def imported(tree: ast.Module) -> Iterator[str]:
    """The first part of every module of ours that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "cnncalc":
                yield from parts[1:2] or [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (
                alias.name.split(".")[1]
                for alias in node.names
                if alias.name.startswith("cnncalc.")
            )


def test_no_stage_reaches_forward() -> None:
    order = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}
    tops = {name.split(".")[0] for name in MODULES}
    assert tops <= set(order), f"say in FLOORS where these stand: {tops - set(order)}"
    wrong = {
        (name, other)
        for name, tree in MODULES.items()
        for other in imported(tree)
        if other in order and order[other] > order[name.split(".")[0]]
    }
    assert not wrong


def called(tree: ast.Module) -> set[str]:
    """The functions that a module calls by their bare names."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {function.id for function in calls if isinstance(function, ast.Name)}


def test_formats_compute_nothing_and_print_nothing() -> None:
    for name in (f"tables.formats.{style}" for style in FORMATS if style != "json"):
        tree = MODULES[name]
        assert not called(tree) & {"print", "open", "round", "prod"}, name


def test_only_the_command_line_prints_or_ends_the_process() -> None:
    for name, tree in MODULES.items():
        if name.split(".")[0] in ("cli", "__main__"):
            continue
        assert not called(tree) & {"print", "exit", "eval", "exec", "input"}, name


def test_no_two_classes_share_a_name() -> None:
    """A name says which class is meant without the module's name beside it."""
    counted = Counter(
        node.name
        for tree in MODULES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert not {name for name, count in counted.items() if count > 1}


BRANCHES = (ast.If, ast.For, ast.While, ast.IfExp, ast.ExceptHandler, ast.comprehension, ast.Assert)


def complexity(function: ast.AST) -> int:
    """The ways through a function and all that is defined in it: branches, loops, and what `and` and `or` join."""
    inside = list(ast.walk(function))
    joined = sum(len(node.values) - 1 for node in inside if isinstance(node, ast.BoolOp))
    return 1 + sum(isinstance(node, BRANCHES) for node in inside) + joined


def test_no_function_has_more_than_fifteen_ways_through_it() -> None:
    over = {
        f"{name}: {node.name}"
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and complexity(node) > 15
    }
    assert not over


# ---- nothing outside ops/ asks what kind an op is -------------------------------------------------------------------

OP_CLASSES = {cls.__name__ for cls in OPS.values()} | {Input.__name__}


def constants(node: ast.expr) -> set[str]:
    """The words that an expression is, or lists."""
    found = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    return {
        item.value
        for item in found
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }


def asks_for_a_kind(node: ast.AST) -> bool:
    """`x.op == "conv"`, `x.kind in ("conv", "fc")`, `word == OPS["concat"].kind`, `isinstance(op, Conv)`, a match."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        about = any(
            isinstance(part, ast.Attribute) and part.attr in ("op", "kind", "word")
            for part in sides
        )
        registry = any(
            isinstance(part, ast.Name) and part.id == "OPS" and isinstance(above, ast.Subscript)
            for side in sides
            for above in ast.walk(side)
            for part in ast.iter_child_nodes(above)
        )
        return registry or (about and any(constants(side) & set(OPS) for side in sides))
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("isinstance", "issubclass")
    ):
        return bool(
            {part.id for part in ast.walk(node.args[1]) if isinstance(part, ast.Name)} & OP_CLASSES
        )
    if isinstance(node, ast.MatchValue):
        return bool(constants(node.value) & set(OPS))
    return (
        isinstance(node, ast.MatchClass)
        and isinstance(node.cls, ast.Name)
        and node.cls.id in OP_CLASSES
    )


def test_nothing_outside_ops_asks_what_kind_an_op_is() -> None:
    wrong = [
        f"{name}:{getattr(node, 'lineno', '')}"
        for name, tree in MODULES.items()
        if name.split(".")[0] != "ops"
        for node in ast.walk(tree)
        if asks_for_a_kind(node)
    ]
    assert not wrong


@pytest.mark.parametrize(
    "question",
    [
        'row.op == "conv"',
        '"fc" != node.kind',
        'node.kind in ("bn", "relu")',
        'common.word == OPS["concat"].kind',
        "isinstance(op, Conv)",
        "isinstance(op, (int, ops.conv.Conv, MaxPool))",
    ],
)
def test_such_questions_are_found(question: str) -> None:
    assert any(map(asks_for_a_kind, ast.walk(ast.parse(question))))


# ---- late imports ---------------------------------------------------------------------------------------------------

SLOW = {
    "rich",
    "pydantic",
    "onnx",
    "keras",
    "torch",
    "numpy",
    "json",
    "tempfile",
    "jsonschema",
    "markdown_it",
    "pygments",
}
ASK = """
import contextlib, io, sys
import cnncalc
alone = set(sys.modules)
from cnncalc.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    codes = [main([*line.split(), "--format", "csv"]) for line in {lines!r}]
print(codes, sorted({slow!r} & set(sys.modules)), sorted({{*{slow!r}, "typer", "click"}} & alone))
"""


def test_what_is_slow_is_imported_late() -> None:
    """A whole process: whoever runs the tests has these modules loaded already."""
    lines = [
        "summary alexnet",
        "params googlenet --depth 1",
        "explain alexnet conv1",
        "fc --input 8 --units 2",
    ]
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(lines=lines, slow=SLOW)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[0] == "[0, 0, 0, 0] [] []", done.stdout + done.stderr


# ---- registries and files -------------------------------------------------------------------------------------------


def test_the_registry_of_ops_is_every_op_there_is() -> None:
    for name, op in OPS.items():
        assert (op.kind, op.__doc__ is not None) == (name, True)

    def below(cls: type[Op]) -> Iterator[type[Op]]:
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    named = {
        cls for cls in below(Op) if "kind" in vars(cls) and cls.__module__.startswith("cnncalc.")
    }
    assert named == {*OPS.values(), Input}
    assert {op.family for op in OPS.values()} == {
        path.stem for path in (ROOT / "tests" / "ops").glob("*.yaml")
    }


def test_aliases_lead_somewhere_and_hide_nothing() -> None:
    words = {*OPS, *COMBINATORS, *block_names()}
    assert set(OP_ALIASES.values()) <= words
    assert not set(OP_ALIASES) & words
    fields = {field.name for op in OPS.values() for field in op.fields}
    assert set(FIELD_ALIASES) <= {
        *fields,
        *COMMON_FIELDS,
        "times",
        "layers",
        "branches",
        "shortcut",
        "skip",
        "when",
    }


def test_a_declared_alias_means_one_op_and_one_field() -> None:
    aliases = [alias for op in OPS.values() for alias in op.aliases]
    assert len(aliases) == len(set(aliases))
    assert all(alias == alias.lower() for alias in aliases)
    for op in OPS.values():
        names = [name for field in op.fields for name in (field.name, *field.aliases)]
        assert len(names) == len(set(names)), op.kind
        assert not set(names) & set(COMMON_FIELDS), op.kind


def test_files_are_called_what_they_hold() -> None:
    for name, path in data_files("blocks").items():
        assert list(yaml.safe_load(path.read_text(encoding="utf-8"))["blocks"]) == [name]
    for name, path in data_files("networks").items():
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["name"] == name
    for name in data_files("conventions"):
        assert load_convention(name).name == name


def test_aliases_of_networks_are_each_of_one() -> None:
    listed = [
        alias.lower()
        for path in data_files("networks").values()
        for alias in yaml.safe_load(path.read_text(encoding="utf-8")).get("aliases", [])
    ]
    assert len(listed) == len(set(listed))
    assert not set(listed) & set(data_files("networks"))


def test_commands_are_where_the_table_says() -> None:
    for name, command in COMMANDS.items():
        module, function = command.target.split(":")
        assert callable(getattr(importlib.import_module(f"cnncalc.cli.{module}"), function)), name


def test_the_contracts_commands_are_there() -> None:
    assert set(COMMANDS) >= {
        "list",
        "summary",
        "params",
        "shapes",
        "flops",
        "memory",
        "receptive",
        "explain",
        "conv",
        "pool",
        "fc",
        "validate",
        "schema",
    }


# ---- truth tables cover everything ----------------------------------------------------------------------------------


def test_every_op_has_rows_in_one_two_and_three_axes() -> None:
    ranks: dict[str, set[int]] = {}
    for _, row in ROWS:
        if "refused" not in row:
            ranks.setdefault(word_of(row), set()).update(
                str(text).count("x") for text in (row.get("inputs") or [row["input"]])
            )
    assert set(ranks) == set(OPS)
    families = {
        family: set().union(*(ranks[name] for name, op in OPS.items() if op.family == family))
        for family in {op.family for op in OPS.values()}
    }
    for family, found in families.items():
        assert {1, 2, 3} <= found, family


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.fields])
def test_every_field_of_every_op_is_varied(name: str) -> None:
    """Each field takes at least two values in the truth tables, its default (if it has one) among them."""
    op = OPS[name]
    rows = [
        fields_of(row, op.bare) for _, row in ROWS if word_of(row) == name and "refused" not in row
    ]
    for field in op.fields:
        values = [json.dumps(given[field.name]) if field.name in given else None for given in rows]
        assert len(set(values)) >= 2, field.name
        assert field.required or None in values, f"{field.name}: its default"


def test_every_event_is_counted_somewhere() -> None:
    assert {event for _, row in ROWS for event in row.get("events", {})} == set(EVENTS)


# ---- help and documents ---------------------------------------------------------------------------------------------


@cache
def document(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def click_commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return {name: group.get_command(None, name) for name in COMMANDS}


def test_every_op_field_and_key_has_help() -> None:
    for op in OPS.values():
        assert op.help, op.kind
        for field in op.fields:
            assert field.help, (op.kind, field.name)
    for table in (COMMON_FIELDS, COMBINATORS, SPEC.help):
        assert all(table.values())


def test_every_command_and_option_has_help() -> None:
    for name, command in click_commands().items():
        assert command.help, name
        for param in command.params:
            assert getattr(param, "help", None), (name, param.name)


def test_the_language_is_documented() -> None:
    text = document("spec.md")
    words = {
        *OPS,
        *COMBINATORS,
        *COMMON_FIELDS,
        *SPEC.keys,
        *block_names(),
        "when",
        "branches",
        "shortcut",
        "skip",
        "times",
    }
    assert not {word for word in words if f"`{word}`" not in text and f"{word}:" not in text}


@pytest.mark.parametrize("name", OPS)
def test_every_field_of_an_op_is_documented_beside_it(name: str) -> None:
    lines = [line for line in document("spec.md").splitlines() if f"`{name}`" in line]
    section = re.search(
        rf"^#+ `?{name}`?.*?(?=^#|\Z)", document("spec.md"), re.MULTILINE | re.DOTALL
    )
    told = "\n".join(lines) + (section.group() if section else "")
    rest = document("spec.md")
    for field in OPS[name].fields:
        assert f"`{field.name}`" in told or f"`{field.name}`" in rest[rest.find(f"`{name}`") :], (
            field.name
        )


def test_every_command_and_option_is_documented() -> None:
    text = document("commands.md")
    for name, command in click_commands().items():
        assert f"cnncalc {name}" in text, name
        for param in command.params:
            for option in getattr(param, "opts", []):
                if option.startswith("--"):
                    assert option in text, (name, option)


def test_every_quantity_and_event_is_documented() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    for word in (*ASKED, *EVENTS):
        assert word in pages, word


@pytest.mark.parametrize("name", block_names())
def test_a_library_block_says_what_it_is_and_compiles(name: str) -> None:
    path = data_files("blocks")[name]
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert library_block(name).body.layers


def test_the_block_library_has_no_mistakes() -> None:
    assert check_library() == ()


# ---- shipped specs --------------------------------------------------------------------------------------------------


@cache
def checker() -> jsonschema.protocols.Validator:
    schema = spec_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


SHIPPED = {
    **{name: shipped.path for name, shipped in network_files().items()},
    "tests/unet": ROOT / "tests" / "specs" / "unet.yaml",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_network_is_sound(name: str) -> None:
    net = cnncalc.load(SHIPPED[name] if name.startswith("tests/") else name)
    assert not [verdict.problem for verdict in net.check_claims() if verdict.problem]
    assert net.report().totals.params > 0
    assert net.spec.title
    if not name.startswith("tests/"):
        assert net.spec.cited
        assert net.spec.family
        assert net.spec.year or net.spec.family == "lectures"  # a lecture may bear no date


@pytest.mark.parametrize("name", sample(SHIPPED, 20))
def test_a_shipped_network_fits_the_schema(name: str) -> None:
    checker().validate(yaml.safe_load(SHIPPED[name].read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", sample(block_names(), 10))
def test_a_library_block_fits_the_schema(name: str) -> None:
    held = yaml.safe_load(data_files("blocks")[name].read_text(encoding="utf-8"))
    checker().validate({"input": "8x8x8", "layers": ["relu"], **held})


@pytest.mark.parametrize(
    "wrong",
    [
        "{layers: [relu]}",
        "{input: 8x8x1}",
        "{input: 8x8x1, layers: relu}",
        "{input: 8x8x1, layers: [relu], inptu: 3}",
        "{input: 8x8x1, layers: [{conv: {filters: 3, kernal: 3}}]}",
        "{input: 8x8x1, layers: [[]]}",
        "{input: 8x8x1, layers: [relu], defaults: {conv: {kernal: 3}}}",
        "{input: 8x8x1, layers: [relu], define: {f: 3}}",
        "{input: 8x8x1, layers: [{conv: {filters: [3], kernel: 3}}]}",
        "{input: 8x8x1, layers: [{relu: 3}]}",
        "{input: 8x8x1, layers: [{conv: {filters: 0, kernel: 3}}]}",
        "{input: 8x8x1, layers: [{repeat: {times: 3}}]}",
        "{input: 8x8x1, layers: [{concat: {branch: []}}]}",
        "{input: 8x8x1, layers: [relu], claims: [{params: 3, macs: 4}]}",
        "{input: 8x8x1, layers: [relu], year: soon}",
        "{input: 8x8x1, layers: [{relu: {}, when: true, name: a}]}",
    ],
)
def test_the_schema_refuses_what_is_wrong(wrong: str) -> None:
    assert not checker().is_valid(yaml.safe_load(wrong))
    with pytest.raises(cnncalc.SpecError):
        cnncalc.loads(wrong)


def test_a_release_is_cited_by_its_version() -> None:
    """While the next one is written, its version ends in .dev0 and the last release is what is cited."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    released = re.findall(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert str(cited["version"]) == released[0]
    assert cnncalc.__version__ == released[0] or cnncalc.__version__.endswith(".dev0")


# ---- plain words ----------------------------------------------------------------------------------------------------

WORKSHOP = re.compile("|".join(("/wor" + "k/", "help" + "er", "fa" + "rm")), re.IGNORECASE)
"""Words of the place where this is written, which say nothing to whoever reads it; apart here, as this is read too."""


def written_files() -> Iterator[Path]:
    """Every text file of the project, except what tools leave behind."""
    for folder in ("cnncalc", "specs", "tests", "docs", "benchmarks", "tools", ".ci", ".github"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git" and not path.name.startswith(".coverage"):
            yield path


def test_no_words_of_the_workshop() -> None:
    found = []
    for path in written_files():
        if "__pycache__" in path.parts or path.suffix in (".pyc", ".xlsx", ".onnx", ".png", ".gz"):
            continue
        match = WORKSHOP.search(path.read_text(encoding="utf-8", errors="replace"))
        if match:
            found.append(f"{path.relative_to(ROOT)}: {match.group()}")
    assert not found
