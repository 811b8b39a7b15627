"""Make mutants of the code: one change of the syntax tree each, and nothing on disk is touched.

A mutant is a comparison, an operator, a condition that is always true or never, an arm of `a if b else c`, a part of
`and` or `or`, a number one larger or smaller, a flag, `any` for `all`, a sign, `continue` for `break`.
`tools/mutate.py` tries them.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
ROOMS = ("ops", "spec", "report", "counts", "explain", "homework")

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
EXCHANGED = {"any": "all", "all": "any", "min": "max", "max": "min"}


class Mutant(NamedTuple):
    """One change: where, of which kind, the code before and behind it, and the whole module with it."""

    path: str
    line: int
    kind: str
    before: str
    after: str
    module: ast.Module
    within: str = ""
    """Of a number or a name, which says little by itself, the expression or statement that it is in."""

    def __str__(self) -> str:
        within = f"  in  {self.within}" if self.within else ""
        return f"{self.path}:{self.line}: {self.kind}: {self.before}  ->  {self.after}{within}"

    @property
    def key(self) -> str:
        """What names the change when lines have moved: the module, and the code before and behind it."""
        return f"{self.path}: `{self.before}` -> `{self.after}`"

    def is_in(self, known: set[str]) -> bool:
        """Whether some keys name it, with the expression that it is in or without."""
        return self.key in known or f"{self.key} in `{self.within}`" in known


class Place(NamedTuple):
    """Where a mutant is made: the file, the node by its number in a walk of the tree, and which of its changes."""

    path: Path
    node: int
    change: int
    line: int


def places(path: Path) -> list[Place]:
    """List the places of a file where a mutant can be made."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [
        Place(path, at, number, line_of(node))
        for at, node in enumerate(nodes)
        for number, _ in enumerate(changes(node))
    ]


def line_of(node: ast.AST) -> int:
    """Return the line of a node; the `for` of a comprehension has none, but its variable has."""
    place = node.target if isinstance(node, ast.comprehension) else node
    return getattr(place, "lineno", 1)


def mutant_of(place: Place) -> Mutant | None:
    """Make a mutant; None where the change says nothing of the tests."""
    tree = ast.parse(place.path.read_text(encoding="utf-8"))
    node = list(ast.walk(tree))[place.node]
    if is_unchanged_by_rule(tree, node):
        return None
    before, within = ast.unparse(node), surroundings(tree, node)
    kind, replacement = list(changes(node))[place.change]
    put(tree, node, replacement)
    path = place.path.relative_to(ROOT).as_posix()
    return Mutant(
        path, place.line, kind, first(before), first(ast.unparse(replacement)), tree, within
    )


def surroundings(tree: ast.Module, node: ast.AST) -> str:
    """Write the smallest expression or statement that tells a number or a name from others; nothing of other nodes."""
    if not isinstance(node, ast.Constant | ast.Name):
        return ""
    around = [
        ast.unparse(other)
        for other in ast.walk(tree)
        if isinstance(other, ast.expr | ast.stmt) and any(part is node for part in ast.walk(other))
    ]
    return first(min((text for text in around if len(text) >= 9), key=len, default=""))


def first(text: str) -> str:
    """Return the first line of some code."""
    return text.split("\n")[0]


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a node may be exchanged for."""
    if isinstance(node, ast.Compare):
        for at, sign in enumerate(node.ops):
            signs = [*node.ops[:at], COMPARED[type(sign)](), *node.ops[at + 1 :]]
            yield "compare", ast.Compare(node.left, signs, node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield "operator", ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        for at in range(len(node.values)):
            rest = [*node.values[:at], *node.values[at + 1 :]]
            yield "part left out", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp):
        yield "sign left out", node.operand
    elif isinstance(node, ast.IfExp):
        yield "always", node.body
        yield "never", node.orelse
    elif isinstance(node, ast.If):
        yield "always", ast.If(ast.Constant(True), node.body, node.orelse)
        yield "never", ast.If(ast.Constant(False), node.body, node.orelse)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield "always", ast.comprehension(node.target, node.iter, [], node.is_async)
    else:
        yield from changes_of_words(node)


def changes_of_words(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a number, a flag, a name or a jump may be exchanged for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "flag", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "number", ast.Constant(node.value + 1)
        yield "number", ast.Constant(node.value - 1)
    elif isinstance(node, ast.Name) and node.id in EXCHANGED:
        yield "call", ast.Name(EXCHANGED[node.id], node.ctx)
    elif isinstance(node, ast.Continue):
        yield "jump", ast.Break()
    elif isinstance(node, ast.Break):
        yield "jump", ast.Continue()


def is_unchanged_by_rule(tree: ast.Module, node: ast.AST) -> bool:
    """Whether a change says nothing of the tests: it is for the type checker, or a bound of what is remembered."""
    text = ast.unparse(node)
    if "TYPE_CHECKING" in text.split("\n")[0] or re.match(r"lru_cache\(|range\(0\)", text):
        return True
    for other in ast.walk(tree):
        for child in (*getattr(other, "decorator_list", ()), getattr(other, "annotation", None)):
            if child is not None and any(part is node for part in ast.walk(child)):
                return True
        if (
            isinstance(other, ast.keyword)
            and other.arg in ("strict", "maxsize")
            and other.value is node
        ):
            return True
    return False


def put(tree: ast.Module, node: ast.AST, replacement: ast.AST) -> None:
    """Put another node in a node's place."""
    ast.copy_location(replacement, node)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, replacement)
            elif isinstance(value, list):
                value[:] = [replacement if item is node else item for item in value]
    ast.fix_missing_locations(tree)


def drawn(rooms: list[str], only: str | None, count: int, seed: int) -> list[Mutant]:
    """Draw mutants of some rooms, or take all of a file or of one of its lines."""
    if only is not None:
        name, _, line = only.partition(":")
        found = [one for one in places(ROOT / name) if not line or one.line == int(line)]
    else:
        files = sorted(path for room in rooms for path in (ROOT / "cnncalc" / room).rglob("*.py"))
        every = [place for path in files for place in places(path)]
        found = random.Random(seed).sample(every, min(count, len(every)) if count else len(every))
    return [mutant for mutant in map(mutant_of, found) if mutant is not None]
