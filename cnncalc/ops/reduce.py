"""Reductions: a mean, sum, largest or smallest value over the positions, one axis, or the channels."""

from __future__ import annotations

from cnncalc.ops.base import AXIS_LETTERS, Factor, Kept, Op, OpError, Step, Work, element_factors
from cnncalc.ops.field_types import Flag, Word
from cnncalc.ops.fields import Field
from cnncalc.ops.reach import Reach, WindowReach
from cnncalc.ops.shapes import AXIS_NAMES, Shape, Window, elements, format_shape, spatial
from cnncalc.text.messages import message

_AXES = ("positions", "channels", "length", "height", "width", "depth")


class Reduce(Op):
    """One value for many: their mean, sum, largest or smallest, over the positions, an axis or the channels."""

    kind = "reduce"
    family = "pool"
    bare = "how"
    fields = (
        Field("how", Word("mean", "sum", "maximum", "minimum"), help="what is made of them"),
        Field("over", Word(*_AXES), "positions", help="over which axes"),
        Field("keep", Flag(), True, help="a reduced axis stays, as one position"),
    )

    how: str
    over: str
    keep: bool

    def reduced(self) -> tuple[bool, ...]:
        """Of each axis whether it is reduced, the channels last. Raises OpError for one that is not there."""
        if self.over == "positions":
            return (*(True,) * self.rank, False)
        names = (*AXIS_NAMES[self.rank], "channels")
        if self.over not in names:
            raise OpError(
                f"what arrives has no {self.over}", f"it has {' and '.join(names)}", "over"
            )
        return tuple(name == self.over for name in names)

    def output_shape(self, *inputs: Shape) -> Shape:
        """1 along each reduced axis, or nothing where it does not stay. The channels always do."""
        axes = list(zip(inputs[0], self.reduced(), strict=True))
        if self.keep:
            return tuple(1 if gone else size for size, gone in axes)
        kept = tuple(size for size, gone in axes[:-1] if not gone)
        return (*kept, 1 if axes[-1][1] else inputs[0][-1])

    def count(self, shape: Shape) -> Factor:
        """n, how many values one is made of, less one."""
        sizes = [size for size, gone in zip(shape, self.reduced(), strict=True) if gone]
        letters = [f"N_{letter}" for letter in AXIS_LETTERS[self.rank]] + ["C"]
        symbols = [letter for letter, gone in zip(letters, self.reduced(), strict=True) if gone]
        values = elements(tuple(sizes))
        numbers = format_shape(sizes, "·") or "1"
        return Factor(f"({'·'.join(symbols) or '1'} − 1)", values - 1, f"({numbers} − 1)")

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """n - 1 additions or comparisons for each output element, and one division for a mean."""
        factors = element_factors(output)
        event = "compare" if self.how in ("maximum", "minimum") else "add"
        steps = (Work(event, (*factors, self.count(inputs[0]))),)
        return (*steps, Work("div", factors)) if self.how == "mean" else steps

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input and the output of a largest or smallest value, which say where it stood; else nothing."""
        return Kept((0,), output=True) if self.how in ("maximum", "minimum") else Kept()

    def window(self, *inputs: Shape) -> int:
        """Positions that are reduced to one."""
        axes = zip(spatial(inputs[0]), self.reduced(), strict=False)
        return elements(tuple(size for size, gone in axes if gone))

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...] | None:
        """Return a window of N along each reduced axis."""
        reduced = self.reduced()[:-1]
        if not any(reduced):
            return None
        return tuple(
            WindowReach(Window(size if gone else 1, size if gone else 1, 0, 0))
            for size, gone in zip(spatial(inputs[0]), reduced, strict=True)
        )

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """One position along each reduced axis."""
        if self.over == "channels":
            what = message("reduced: the channels")
        elif self.keep:
            what = message("reduced: the {axes}, 1", axes=message(self.over))
        else:
            what = message("reduced: the {axes}, gone", axes=message(self.over))
        shown = format_shape(output)
        return (Step("output", what, shown, shown),)
