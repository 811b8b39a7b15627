"""An outline with its blocks found: scopes of one word and one structure are one block, what differs its parameters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from cnncalc.models.outline import Line, Lines
from cnncalc.ops import OPS
from cnncalc.ops.fields import NAME
from cnncalc.spec.layers import COMBINATORS
from cnncalc.text.expressions import RESERVED

MAX_PERIOD = 16
"""Lines of a turn of a repeat that is looked for."""
REPEAT = "repeat"
_SAY_NOTHING = {"Sequential", "ModuleList"}
"""Classes that only hold layers: a block is called after its place instead."""
_NO_BLOCK = {*OPS, *COMBINATORS, "when", "scope", ""}


class FoundBlock(NamedTuple):
    """A block of the file's own: its parameters with their defaults (None: must be given), and its layers."""

    name: str
    parameters: dict[str, str | None]
    layers: Lines


class _Use(NamedTuple):
    """What a scope is written as: a block's name, and what is given and assumed for its parameters."""

    name: str
    arguments: dict[str, str]
    defaults: dict[str, str]


def fold(
    lines: Lines,
    *,
    short: bool = False,
    taken: Collection[str] = (),
    turned: Callable[[Lines], Lines] | None = None,
) -> tuple[list[FoundBlock], Lines]:
    """Find the blocks of an outline; they, and the layers with each scope as a use of one.

    `short`: names that are numbers are left out, and of those with dots the last part stays where it is enough. No
    block gets a name that is `taken`. `turned` writes equal layers of a block as repeats, so that blocks which differ
    in how many there are are one.
    """
    return _Fold(lines, short, taken, turned).folded()


def without_need(lines: Lines, taken: Collection[str]) -> frozenset[str]:
    """Give the scopes whose block would be written at one place alone, or would be no more than equal layers."""
    folding = _Fold(lines, True, taken, None)
    blocks, layers = folding.folded()
    written = [line.word for block in blocks for line in every_line(block.layers)]
    counts = Counter([*written, *(line.word for line in every_line(layers))])
    rows = {block.name for block in blocks if _is_row(block.layers)}
    return frozenset(
        scope for scope, use in folding.uses.items() if counts[use.name] == 1 or use.name in rows
    )


def _is_row(lines: Lines) -> bool:
    """Say whether layers are the same one several times."""
    plain = [_plain(line) for line in lines]
    return len(plain) > 2 and None not in plain and plain.count(plain[0]) == len(plain)


class _Fold:
    def __init__(
        self,
        lines: Lines,
        short: bool,
        taken: Collection[str],
        turned: Callable[[Lines], Lines] | None,
    ) -> None:
        self.top = lines
        self.short = short
        self.turned = turned
        self.blocks: list[FoundBlock] = []
        self.uses: dict[str, _Use] = {}
        self.taken = set(taken)
        self.levels: dict[int, list[Line]] = {}
        self.height(lines)

    def height(self, lines: Lines) -> int:
        """Gather the scopes by how many scopes are nested in them; give the most that are in these lines."""
        most = 0
        for line in lines:
            inner = max([self.height(body) for _, body in line.bodies], default=0)
            if line.scope:
                self.levels.setdefault(inner, []).append(line)
                inner += 1
            most = max(most, inner)
        return most

    def folded(self) -> tuple[list[FoundBlock], Lines]:
        for level in sorted(self.levels):
            groups: dict[object, list[tuple[Line, Lines]]] = {}
            for line in self.levels[level]:
                body = self.finished(line.bodies[0][1])
                body = self.turned(body) if self.turned else body
                groups.setdefault((line.word, signature(body)), []).append((line, body))
            for members in groups.values():
                self.add_block(members)
        return self.blocks, self.finished(self.top)

    def finished(self, lines: Lines) -> Lines:
        """Give the lines of a scope with inner scopes as uses of blocks, and names where they are needed."""
        used = self.with_uses(lines)
        return _unnamed(_shortened(used, {}) if self.short else used, {})

    def with_uses(self, lines: Lines) -> Lines:
        return tuple(self.with_use(line) for line in lines)

    def with_use(self, line: Line) -> Line:
        if line.scope:
            use = self.uses[line.scope]
            return line._replace(
                word=use.name,
                fields=use.arguments,
                defaults=use.defaults,
                bodies=(),
                scope="",
                counted_as=use.name,
            )
        bodies = tuple((key, self.with_uses(body)) for key, body in line.bodies)
        return line._replace(bodies=bodies)

    # -- a block -----------------------------------------------------------------------------------------------------

    def add_block(self, members: Sequence[tuple[Line, Lines]]) -> None:
        """Make one block of scopes that differ in values alone."""
        first = members[0][1]
        columns = [list(leaves(body)) for _, body in members]
        names = _Parameters()
        chosen: list[str] = []
        for column in zip(*columns, strict=True):
            chosen.append(names.of(column) if _differs(column) else "")
        name = self.name_of(members[0][0])
        self.blocks.append(FoundBlock(name, names.defaults(), _with_parameters(first, chosen)))
        for place, (line, _) in enumerate(members):
            arguments = {each.name: each.values[place] for each in names.all}
            defaults = {each.name: each.default for each in names.all if each.default is not None}
            self.uses[line.scope] = _Use(name, arguments, defaults)

    def name_of(self, line: Line) -> str:
        """Name a block after what opened the scope, or after the scope."""
        parts = line.scope.split("/")
        word = line.word
        if word in _SAY_NOTHING:
            word = parts[-1].rstrip("0123456789_-") or "part"
        if word in _NO_BLOCK:
            word = parts[-1]
            if word.isdigit():
                word = "_".join(parts[-2:]) if len(parts) > 1 else f"block_{word}"
        if word in _NO_BLOCK or not NAME.fullmatch(word):
            word = "block_" + re.sub(r"[^\w.-]", "_", word, flags=re.ASCII)
        name, count = word, 1
        while name in self.taken:
            count += 1
            name = f"{word}_{count}"
        self.taken.add(name)
        return name


def every_line(lines: Lines) -> Iterator[Line]:
    """Give every line, those inside others before them; not the repeats themselves."""
    for line in lines:
        for _, body in line.bodies:
            yield from every_line(body)
        if line.word != REPEAT:
            yield line


class Leaf(NamedTuple):
    """One field of one layer of a scope: the layer, the field, and its value."""

    line: Line
    field: str
    text: str

    @property
    def sense(self) -> str:
        """What its number is of, so that numbers of one sense are one parameter."""
        sense = self.field.rpartition("_")[2].rstrip("0123456789")
        return "channels" if sense in ("filters", "units", "groups", "features") else sense

    @property
    def default(self) -> str | None:
        """What the field has where nothing is written."""
        return self.line.defaults.get(self.field)


def leaves(lines: Lines) -> Iterator[Leaf]:
    """Give every field of every layer, in order."""
    for line in lines:
        for _, body in line.bodies:
            yield from leaves(body)
        for field, text in line.fields.items():
            yield Leaf(line, field, text)


def signature(lines: Lines) -> object:
    """Give what two scopes agree in that can be one block: all but the values of fields that are no texts."""
    return tuple(
        (
            line.word,
            line.label if line.is_named else "",
            line.sources,
            line.several,
            line.share,
            line.tags,
            tuple((name, text if text[:1] == '"' else "") for name, text in line.fields.items()),
            tuple((key, signature(body)) for key, body in line.bodies),
        )
        for line in lines
    )


def _differs(column: tuple[Leaf, ...]) -> bool:
    """Say whether a field has other values in other scopes, which its default does not give."""
    return len({leaf.text for leaf in column}) > 1 and any(
        leaf.text != leaf.default for leaf in column
    )


class _Parameter(NamedTuple):
    name: str
    values: tuple[str, ...]
    default: str | None
    sense: str


class _Parameters:
    """The parameters of a block in the making."""

    def __init__(self) -> None:
        self.all: list[_Parameter] = []

    def of(self, column: tuple[Leaf, ...]) -> str:
        """Name the parameter that a field takes its value from: one of the same values and sense, or a new one."""
        values = tuple(leaf.text for leaf in column)
        sense = column[0].sense
        for known in self.all:
            if known.values == values and known.sense == sense:
                return known.name
        assumed = {leaf.default for leaf in column}
        default = assumed.pop() if len(assumed) == 1 else None
        name = self.free_name(column[0])
        self.all.append(_Parameter(name, values, default if default in values else None, sense))
        return name

    def free_name(self, leaf: Leaf) -> str:
        """Name a parameter after its field; where that is taken after its layer too, or with a number."""
        taken = {known.name for known in self.all} | RESERVED
        label = re.sub(r"\W", "_", leaf.line.label, flags=re.ASCII)
        has_name = leaf.line.is_named and label[:1].isalpha()
        base = name = leaf.field
        if name in taken:
            base = name = f"{label}_{base}" if has_name else base.rstrip("0123456789")
        count = 1
        while name in taken:
            count += 1
            name = f"{base}_{count}" if base[-1:].isdigit() else f"{base}{count}"
        return name

    def defaults(self) -> dict[str, str | None]:
        return {known.name: known.default for known in self.all}


def _with_parameters(lines: Lines, chosen: list[str]) -> Lines:
    """Put the parameters, one for each leaf, empty where its value stays, in the places of values."""
    names = iter(chosen)

    def rewritten(lines: Lines) -> Lines:
        return tuple(rewrite(line) for line in lines)

    def rewrite(line: Line) -> Line:
        bodies = tuple((key, rewritten(body)) for key, body in line.bodies)
        fields = {field: next(names) or text for field, text in line.fields.items()}
        changed = tuple(field for field in fields if fields[field] != line.fields[field])
        return line._replace(bodies=bodies, fields=fields, kept=(*line.kept, *changed))

    return rewritten(lines)


def _unnamed(lines: Lines, counts: dict[str, int]) -> Lines:
    """Leave out the names that layers have all the same: their word's and a number, counted in their scope."""
    gathered = []
    for line in lines:
        if line.opens_scope:
            count = counts[line.counted_as] = counts.get(line.counted_as, 0) + 1
            bodies = tuple((key, _unnamed(body, {})) for key, body in line.bodies)
        else:
            bodies = tuple((key, _unnamed(body, counts)) for key, body in line.bodies)
            count = counts[line.counted_as] = counts.get(line.counted_as, 0) + 1
        named = line.label != f"{line.counted_as}{count}"
        gathered.append(line._replace(bodies=bodies, is_named=named))
    return tuple(gathered)


def _shortened(lines: Lines, names: Mapping[str, str]) -> Lines:
    """Shorten the names of a scope, and leave out those that are numbers or say no more than an activation does.

    `names` are those of the scopes around that are called otherwise now.
    """
    own = list(_in_order(lines))
    lasts = Counter(_last_part(line.label) for line in own)
    numbers: Counter[str] = Counter()
    found = dict(names)
    for line in own:
        numbers[line.counted_as] += 1
        last = _last_part(line.label)
        if last.isdigit() or _says_nothing(line, last):
            name = f"{line.counted_as}{numbers[line.counted_as]}"
            found[line.label] = f"{name}_" if name in lasts else name
        else:
            found[line.label] = last if lasts[last] == 1 and last not in names else line.label
    return _renamed(lines, found)


def _in_order(lines: Lines) -> Iterator[Line]:
    """Give the lines of one scope in the order in which they are numbered."""
    for line in lines:
        if not line.opens_scope:
            yield from _in_order(tuple(each for _, body in line.bodies for each in body))
        yield line


def _says_nothing(line: Line, name: str) -> bool:
    """Say whether the name of an activation or the like is its op's, perhaps with a number."""
    is_quiet = line.word in OPS and OPS[line.word].hidden_by_default
    return is_quiet and re.fullmatch(rf"{line.word}(_\d+)?", name) is not None


def _last_part(label: str) -> str:
    return label.rpartition(".")[2]


def _renamed(lines: Lines, names: Mapping[str, str]) -> Lines:
    """Call lines by other names, where others take from them too."""

    def path(text: str) -> str:
        head, slash, rest = text.partition("/")
        return names.get(head, head) + slash + rest

    return tuple(
        line._replace(
            label=names[line.label],
            sources=tuple(map(path, line.sources)),
            share=path(line.share),
            bodies=tuple(
                (key, _shortened(body, names) if line.opens_scope else _renamed(body, names))
                for key, body in line.bodies
            ),
        )
        for line in lines
    )


# -- repeats ---------------------------------------------------------------------------------------------------------


def with_repeats(lines: Lines) -> Lines:
    """Write equal layers that follow one another as repeats, in bodies too; those that have names stay."""
    return _repeated(lines, _plain, 2, ("layers",))


def with_loops(lines: Lines, used: Collection[str], least: int = 1) -> Lines:
    """Write layers that are equal but for the numbers at the ends of their names as repeats, but for `used` names.

    The numbers grow by a fixed step. A repeat has its second turn too, under the key `next`, from which to tell it;
    it saves more than `least` lines.
    """
    return _repeated(lines, lambda line: _stemmed(line, used), least, ("layers", "next"))


def _repeated(
    lines: Lines, plain_of: Callable[[Line], object], least: int, keys: tuple[str, ...]
) -> Lines:
    """Write layers as repeats where that saves more than so many lines; `keys` are those of the turns that are kept."""
    inner = tuple(
        line._replace(
            bodies=tuple((key, _repeated(body, plain_of, least, keys)) for key, body in line.bodies)
        )
        for line in lines
    )
    plain = [plain_of(line) for line in inner]
    gathered: list[Line] = []
    place = 0
    while place < len(inner):
        period, times = _turns(inner, plain, place, least)
        if times > 1:
            bodies = tuple(
                (key, inner[place + turn * period :][:period]) for turn, key in enumerate(keys)
            )
            fields = {"times": str(times)}
            gathered.append(Line(REPEAT, "", fields, {}, bodies=bodies, is_named=False))
        else:
            gathered.append(inner[place])
        place += period * times
    return tuple(gathered)


def _plain(line: Line) -> object:
    """Give all that is written of a line; None where it has a name, or takes from one."""
    bodies = tuple((key, tuple(map(_plain, body))) for key, body in line.bodies)
    named = line.is_named and line.word != REPEAT
    if named or line.sources or line.share or _has_none(bodies):
        return None
    return (line.word, tuple(line.fields.items()), line.tags, line.kept, bodies)


def _stemmed(line: Line, used: Collection[str]) -> object:
    """Give all that is written of a line, its name without the number; None where its name is used, or it uses one."""
    bodies = tuple((key, tuple(_stemmed(each, used) for each in body)) for key, body in line.bodies)
    stem, number = stem_and_number(line.label)
    unnumbered = number is None and line.word != REPEAT
    if unnumbered or line.label in used or line.sources or line.share or _has_none(bodies):
        return None
    return (line.word, stem, tuple(line.fields.items()), line.tags, line.kept, bodies)


def stem_and_number(label: str) -> tuple[str, int | None]:
    """Split a name before the number that it ends in, if any."""
    stem = label.rstrip("0123456789")
    digits = label[len(stem) :]
    plain = digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0")
    return (stem, int(digits)) if plain else (label, None)


def numbers_in(lines: Sequence[Line]) -> list[int]:
    """Give the numbers that names end in, in order, those inside others too."""
    numbers: list[int] = []
    for line in lines:
        numbers += [number for _, body in line.bodies for number in numbers_in(body)]
        numbers += [] if line.word == REPEAT else [stem_and_number(line.label)[1] or 0]
    return numbers


def _has_none(bodies: tuple[tuple[str, tuple[object, ...]], ...]) -> bool:
    return any(part is None for _, body in bodies for part in body)


def _turns(lines: Sequence[Line], plain: list[object], place: int, least: int) -> tuple[int, int]:
    """Give the period and the times of the repeat that saves the most lines here; (1, 1) for none."""
    best = (1, 1)
    for period in range(1, min(MAX_PERIOD, (len(plain) - place) // 2) + 1):
        turn = plain[place : place + period]
        if None in turn:
            break
        times = _times(lines, plain, place, period)
        saved = period * (times - 1)
        if (saved > least or times > 2) and saved > best[0] * (best[1] - 1):
            best = (period, times)
    return best


def _times(lines: Sequence[Line], plain: list[object], place: int, period: int) -> int:
    """Give how many equal turns follow one another, until a number at the end of a name grows by another step."""
    turn = plain[place : place + period]
    numbers: list[int] = []
    step: list[int] = []
    times, end = 1, place + period
    while plain[end : end + period] == turn:
        before = numbers or numbers_in(lines[place:end])
        numbers = numbers_in(lines[end : end + period])
        grown = [after - number for number, after in zip(before, numbers, strict=True)]
        if step and grown != step:
            break
        step, times, end = grown, times + 1, end + period
    return times


__all__ = [
    "REPEAT",
    "FoundBlock",
    "every_line",
    "fold",
    "numbers_in",
    "stem_and_number",
    "with_loops",
    "with_repeats",
    "without_need",
]
