"""The unknown one of a layer's sizes: input, kernel, stride, pad or output, from the other four.

Each answer is searched with the same functions of `ops.shapes` that compute every layer: the output only grows or
only shrinks with each of the five, so the first and the last value that give it are found by bisection. The formulas
that are shown are the inverse ones, such as N = (O - 1)·S + F - 2P, and stand only where they give what was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from cnncalc.ops.base import Step
from cnncalc.ops.field_types import Padding, PerAxis
from cnncalc.ops.fields import read_option
from cnncalc.ops.shapes import (
    AXIS_NAMES,
    Window,
    ceil_output,
    conv_output,
    same_window,
    transposed_output,
)
from cnncalc.ops.windows import derive_axis, derive_transposed
from cnncalc.text.expressions import ExpressionError, parse_expression
from cnncalc.text.messages import Phrase, message
from cnncalc.text.source import single_problem

UNKNOWNS = ("input", "kernel", "stride", "pad", "output")
LETTERS = {"input": "N", "kernel": "F", "stride": "S", "pad": "P", "output": "O"}
MAX_VALUE = 10**30
"""No answer lies beyond: what is given is at most 10^12."""


class WholeRange(NamedTuple):
    """Whole numbers from `low` to `high`, both ends in; `high` None is without end."""

    low: int
    high: int | None

    @property
    def single(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    @property
    def text(self) -> Phrase | str:
        """`3`, `7 to 8`, `9 and more`."""
        if self.high is None:
            return message("{low} and more", low=self.low)
        if self.single:
            return str(self.low)
        return message("{low} to {high}", low=self.low, high=self.high)

    def __str__(self) -> str:
        return str(self.text)


class Known(NamedTuple):
    """What is known along one axis; the unknown one is None. `rule` is "floor", "ceil", "same" or "transpose"."""

    input: int | None
    kernel: int | None
    stride: int | None
    pad: tuple[int, int] | None
    output: int | None
    dilation: int
    output_pad: int
    rule: str


class AxisSolution(NamedTuple):
    """What solves one axis: every value in `found`, or none, and why.

    Of a pad `found` is the number on both sides alike, `total` both sides together, and `pair` the smallest that works,
    alike if possible; it may work where `found` is None. `steps` derive the ends of what was found, `check` puts them
    into the layer's own formula.
    """

    axis: str
    known: Known
    found: WholeRange | None
    total: WholeRange | None
    pair: tuple[int, int] | None
    steps: tuple[Step, ...]
    check: tuple[Step, ...]
    notes: tuple[str, ...]
    reason: str

    @property
    def solved(self) -> bool:
        """Whether anything solves it."""
        return self.found is not None or self.pair is not None


class Solution(NamedTuple):
    """The unknown, and what solves it along each axis; one axis stands for all where no list was given."""

    unknown: str
    axes: tuple[AxisSolution, ...]

    @property
    def solved(self) -> bool:
        """Whether every axis is solved."""
        return all(axis.solved for axis in self.axes)


def solve(
    *,
    input: Any = None,
    kernel: Any = None,
    stride: Any = None,
    pad: Any = None,
    output: Any = None,
    dilation: Any = 1,
    output_pad: Any = 0,
    ceil: bool = False,
    transpose: bool = False,
) -> Solution:
    """Find the one of input, kernel, stride, pad and output that is left out.

    Sizes are spatial: a number for every axis, or one per axis (`7x9`, (7, 9)); a pad may be [before, after] pairs per
    axis, or `same`. `ceil` rounds up as some pools do, with the pad at most half the kernel; `transpose` is a
    transposed convolution, with its `output_pad`. Where all five are given, the output is found and held to the one
    given. Raises SpecError where more than one is left out.
    """
    pad = pad.strip() if isinstance(pad, str) else pad
    given = {"input": input, "kernel": kernel, "stride": stride, "pad": pad, "output": output}
    unknown = _unknown(given)
    is_checked = given[unknown] is not None
    _check_rules(pad, output_pad, ceil=ceil, transpose=transpose)
    rule = "transpose" if transpose else "same" if pad == "same" else "ceil" if ceil else "floor"
    values = {
        name: read_option(f"--{name}", value, _KINDS[name], None)
        for name, value in given.items()
        if value is not None and value != "same"
    }
    values["dilation"] = read_option("--dilation", dilation, PerAxis(), None)
    values["output_pad"] = read_option("--output-pad", output_pad, PerAxis(0), None)
    rank = _rank(values)
    axes = [_axis(values, index, rank, rule) for index in range(rank)]
    names = AXIS_NAMES[rank] if rank > 1 else ("",)
    solved = [_solved(name, unknown, known) for name, known in zip(names, axes, strict=True)]
    if is_checked:
        solved = [_held(axis) for axis in solved]
    if rank == 3 and _smallest(axes[2]) <= 4 < _smallest(axes[0]):
        note = message("three numbers are three axes; channels are not written")
        solved[2] = solved[2]._replace(notes=(*solved[2].notes, note))
    return Solution(unknown, tuple(solved))


def _held(axis: AxisSolution) -> AxisSolution:
    """Hold an axis's output to the one that is given; what differs from it solves nothing."""
    given, found = axis.known.output, axis.found
    if found is None:
        return axis
    if found.low == given:
        return axis._replace(notes=(*axis.notes, message("the output is as given")))
    reason = message("the output is {found}, not {given}", found=found.low, given=given)
    return axis._replace(found=None, total=None, pair=None, reason=reason)


def _smallest(axis: Known) -> int:
    """Return the smaller of an axis's sizes, as far as they are known."""
    return min(axis.input or 9, axis.output or 9)


_KINDS = {
    "input": PerAxis(),
    "kernel": PerAxis(),
    "stride": PerAxis(),
    "pad": Padding(),
    "output": PerAxis(),
}


# --- reading --------------------------------------------------------------------------------------------------------


def _unknown(given: Mapping[str, Any]) -> str:
    """Return the one that is left out; the output where none is."""
    missing = [name for name in UNKNOWNS if given[name] is None]
    if len(missing) == 1:
        return missing[0]
    if not missing:
        return "output"
    usual = {"stride": "--stride 1", "pad": "--pad 0"}
    hints = [usual[name] for name in missing if name in usual]
    hint = f"often {' and '.join(hints)}" if hints else ""
    raise single_problem(
        "solve",
        "",
        message(
            "{count} are unknown: {names}; one can be found from the other four",
            count=len(missing),
            names=message("{first} and {last}", first=", ".join(missing[:-1]), last=missing[-1]),
        ),
        hint,
        "unknowns",
    )


def _check_rules(pad: Any, output_pad: Any, *, ceil: bool, transpose: bool) -> None:
    if transpose and ceil:
        raise single_problem(
            "--ceil",
            "",
            "a transposed convolution is not rounded, so --ceil cannot be combined with it",
        )
    if transpose and pad == "same":
        raise single_problem(
            "--pad",
            "same",
            "with same the output of a transposed convolution is input times stride",
            "give the pad as a number",
        )
    if not transpose and output_pad not in (0, "0"):
        raise single_problem(
            "--output-pad",
            str(output_pad),
            "only a transposed convolution has an output pad",
            "add --transpose",
        )


def _rank(values: Mapping[str, tuple[Any, ...]]) -> int:
    """How many axes the lists have; 1 where there is none."""
    lengths = {name: len(value) for name, value in values.items() if len(value) > 1}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise single_problem(
            "solve",
            "",
            f"the lists have different lengths: {listed}",
            "one number for each axis",
            "axes",
        )
    return max(lengths.values(), default=1)


def _axis(values: Mapping[str, tuple[Any, ...]], index: int, rank: int, rule: str) -> Known:
    """Return what is known along one axis. Raises SpecError for what no layer may have."""
    along = {name: value[index] if len(value) > 1 else value[0] for name, value in values.items()}
    known = Known(
        along.get("input"),
        along.get("kernel"),
        along.get("stride"),
        along.get("pad"),
        along.get("output"),
        along["dilation"],
        along["output_pad"],
        rule,
    )
    if rule == "ceil" and known.pad and known.kernel and max(known.pad) > known.kernel // 2:
        raise single_problem(
            "--pad",
            str(max(known.pad)),
            f"a pool's pad must not be above half its kernel "
            f"({known.kernel} // 2 = {known.kernel // 2})",
            "only pools round up (--ceil)",
        )
    if known.output_pad and known.stride and known.output_pad >= max(known.stride, known.dilation):
        raise single_problem(
            "--output-pad",
            str(known.output_pad),
            f"output_pad {known.output_pad} must be below the "
            f"stride {known.stride} or the dilation {known.dilation}",
        )
    return known


# --- searching ------------------------------------------------------------------------------------------------------


def _with(known: Known, unknown: str, value: int) -> tuple[int, Window]:
    """Return the input and the window, the unknown one put in.

    Of a pad `value` is both sides together, the smaller first.
    """
    put: dict[str, Any] = {unknown: value}
    if unknown == "pad":
        put = {"pad": (value // 2, value - value // 2)}
    elif unknown == "output":
        put = {}
    full = known._replace(**put)
    before, after = full.pad or (0, 0)
    size = full.input or 1
    window = Window(full.kernel or 1, full.stride or 1, before, after, full.dilation)
    return size, same_window(size, window) if known.rule == "same" else window


def measured(known: Known, unknown: str, value: int) -> int:
    """Return the output with the unknown one put in."""
    size, window = _with(known, unknown, value)
    if known.rule == "transpose":
        return transposed_output(size, window, known.output_pad)
    return ceil_output(size, window) if known.rule == "ceil" else conv_output(size, window)


def _search(known: Known, unknown: str) -> tuple[WholeRange | None, Phrase | str]:
    """All values of the unknown that give the output; or why there is none."""
    target = known.output or 0
    start, end = _limits(known, unknown)
    rises = _rises(known, unknown)

    def reached(value: int) -> bool:
        out = measured(known, unknown, value)
        return out >= target if rises else out <= target

    def passed(value: int) -> bool:
        out = measured(known, unknown, value)
        return out > target if rises else out < target

    low = _first(reached, start, end)
    if low is None or measured(known, unknown, low) != target:
        return None, _why_none(known, unknown, start, end, low)
    beyond = _first(passed, low, end)
    if beyond is not None:
        return WholeRange(low, beyond - 1), ""
    return WholeRange(low, None if end == MAX_VALUE else end), ""


def _limits(known: Known, unknown: str) -> tuple[int, int]:
    """Return the smallest and largest value that a layer may have."""
    if unknown == "pad":
        return 0, 2 * ((known.kernel or 1) // 2) if known.rule == "ceil" else MAX_VALUE
    if unknown == "kernel" and known.rule == "ceil" and known.pad:
        return max(1, 2 * max(known.pad)), MAX_VALUE
    if unknown == "stride" and known.output_pad >= known.dilation:
        return known.output_pad + 1, MAX_VALUE
    return 1, MAX_VALUE


def _rises(known: Known, unknown: str) -> bool:
    """Whether the output grows with the unknown one (it may stay the same)."""
    if known.rule == "transpose":
        return unknown != "pad"
    if unknown == "stride":
        size, window = _with(known, unknown, 1)
        return (
            size + window.before + window.after < window.extent
        )  # a negative span shrinks towards 0
    return unknown in ("input", "pad")


def _first(holds: Callable[[int], bool], start: int, end: int) -> int | None:
    """Return the smallest value from `start` to `end` for which `holds`, which holds from there on.

    None where it never does.

    Doubles the step first, so that a small answer is found without asking about large numbers.
    """
    step = 1
    low = high = start
    while not holds(high):
        if high >= end:
            return None
        low, high, step = high + 1, min(high + step, end), 2 * step
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _why_none(known: Known, unknown: str, start: int, end: int, low: int | None) -> Phrase:
    """Why no value gives the output: what the values beside it give."""
    target = known.output
    if known.rule == "same" and unknown == "kernel":
        return message(
            "with same the output is ⌈N/S⌉ = {output} whatever the kernel, not {target}",
            output=measured(known, unknown, 1),
            target=target,
        )

    def gives(value: int) -> Phrase | str:
        out = measured(known, unknown, value)
        return str(out) if out >= 1 else message("nothing, for the kernel does not go in")

    def some(value: int) -> Phrase:
        return message(_SOME[unknown], value=value)

    if low is None and end < MAX_VALUE:
        return message(
            "even {value}, the most that a pool may have, gives {output}, not {target}",
            value=some(end),
            output=gives(end),
            target=target,
        )
    if low is None:
        return message(
            "however large the {unknown}, the output is never {target}: {value} gives {output}",
            unknown=message(unknown),
            value=some(start),
            output=gives(start),
            target=target,
        )
    if low == start:
        least = message("{value}, the smallest,", value=some(start))
        return message(
            "even {value} gives {output}, not {target}",
            value=message("no padding") if unknown == "pad" else least,
            output=gives(start),
            target=target,
        )
    return message(
        "{value} gives {output} and one of {next} gives {more}; nothing between them gives {target}",
        value=some(low - 1),
        output=gives(low - 1),
        next=low,
        more=gives(low),
        target=target,
    )


_SOME = {
    "input": "an input of {value}",
    "kernel": "a kernel of {value}",
    "stride": "a stride of {value}",
    "pad": "a pad of {value} on both sides together",
}


# --- solving --------------------------------------------------------------------------------------------------------


def _solved(axis: str, unknown: str, known: Known) -> AxisSolution:
    """Return what solves one axis."""
    if unknown == "output":
        return _forward(axis, known)
    range_, reason = _search(known, unknown)
    none = AxisSolution(axis, known, None, None, None, (), (), (), reason)
    if range_ is None:
        return none._replace(notes=_would_do(known, unknown))
    if unknown == "pad":
        return _padded(none, range_)
    notes = (
        (message("any stride from there on leaves one window"),)
        if unknown == "stride" and range_.high is None
        else ()
    )
    return none._replace(
        found=range_,
        steps=tuple(_derive(known, unknown, range_)),
        check=tuple(_check(known, unknown, end) for end in _ends(range_)),
        notes=notes,
    )


def _forward(axis: str, known: Known) -> AxisSolution:
    """Return the output itself: no search."""
    out = measured(known, "output", 0)
    none = AxisSolution(axis, known, None, None, None, (), (), (), "")
    if out >= 1:
        return none._replace(found=WholeRange(out, out), steps=(_check(known, "output", 0),))
    size, window = _with(known, "output", 0)
    if known.rule == "transpose":
        cropped = message("the output would be {output}: the pad crops it away", output=out)
        return none._replace(reason=cropped)
    pads = f" + {window.before} + {window.after}" if window.before or window.after else ""
    return none._replace(
        reason=message(
            "the kernel ({kernel}) is larger than the input ({input})",
            kernel=window.extent,
            input=f"{size}{pads}",
        )
    )


def _padded(none: AxisSolution, total: WholeRange) -> AxisSolution:
    """Return the pad on both sides alike, or else the smallest whose sides differ by one."""
    known = none.known
    assert (
        total.high is not None
    )  # the output always changes with the pad, or a pool's kernel bounds it
    low, high = -(-total.low // 2), total.high // 2
    if low <= high:
        pads = WholeRange(low, high)
        notes: tuple[str, ...] = ()
        if total.low % 2:
            before = total.low // 2
            notes = (
                message(
                    "{before} before and {after} after give it too",
                    before=before,
                    after=total.low - before,
                ),
            )
        return none._replace(
            found=pads,
            total=total,
            pair=(low, low),
            steps=tuple(_derive(known, "pad", pads)),
            notes=notes,
            check=tuple(_check(known, "pad", 2 * end) for end in _ends(pads)),
        )
    pair = (total.low // 2, total.low - total.low // 2)
    note = message(
        "{count} positions cannot be shared out evenly: {less} before and {more} after "
        "(or {more} before and {less} after)",
        count=total.low,
        less=pair[0],
        more=pair[1],
    )
    return none._replace(
        total=total,
        pair=pair,
        steps=tuple(_derive(known, "both", total)),
        notes=(note,),
        check=(_check(known, "pad", total.low),),
    )


def _would_do(known: Known, unknown: str) -> tuple[str, ...]:
    """For a transposed convolution that misses the output: an output pad that reaches it."""
    if known.rule != "transpose" or known.output_pad or unknown == "pad":
        return ()
    most = max(known.stride or 1, known.dilation)
    for extra in range(1, min(most, 64)):
        solution, _ = _search(known._replace(output_pad=extra), unknown)
        if solution is not None:
            would_do = message(
                "with an output pad of {pad}, {unknown} {found} would do",
                pad=extra,
                unknown=message(unknown),
                found=solution.text,
            )
            return (would_do,)
    return ()


def _ends(solution: WholeRange) -> tuple[int, ...]:
    return (
        (solution.low,)
        if solution.high is None or solution.single
        else (solution.low, solution.high)
    )


def _check(known: Known, unknown: str, value: int) -> Step:
    """Return the layer's own formula with the unknown one put in."""
    size, window = _with(known, unknown, value)
    label = f"{LETTERS[unknown]} = {value // 2 if unknown == 'pad' else value}"
    if unknown == "pad" and value % 2:
        label = f"p = {value // 2}, q = {value - value // 2}"
    if known.rule == "transpose":
        step = derive_transposed("", size, window, known.output_pad)
    else:
        step = derive_axis("", size, window, ceil=known.rule == "ceil", same=known.rule == "same")
    return step._replace(symbol="O" if unknown == "output" else f"output {label}")


# --- the inverse formulas -------------------------------------------------------------------------------------------

FORMULAS: dict[tuple[str, str], tuple[str, str]] = {
    ("floor", "input"): ("(O − 1)·S +E −P", "(O − 1)·S +E −P + S − 1"),
    ("floor", "kernel"): ("⌈(N +P − O·S)/d⌉ + 1", "⌊(N +P − (O − 1)·S − 1)/d⌋ + 1"),
    ("floor", "stride"): ("⌊(N +P −E)/O⌋ + 1", "⌊(N +P −E)/(O − 1)⌋"),
    ("floor", "pad"): ("⌈((O − 1)·S +E − N)/2⌉", "⌊((O − 1)·S +E − N + S − 1)/2⌋"),
    ("floor", "both"): ("(O − 1)·S +E − N", "(O − 1)·S +E − N + S − 1"),
    ("ceil", "input"): ("(O − 2)·S +E −P + 1", "(O − 1)·S +E −P"),
    ("ceil", "kernel"): ("⌈(N +P − (O − 1)·S − 1)/d⌉ + 1", "⌊(N +P − (O − 2)·S − 2)/d⌋ + 1"),
    ("ceil", "stride"): ("⌈(N +P −E)/(O − 1)⌉", "⌈(N +P −E)/(O − 2)⌉ − 1"),
    ("ceil", "pad"): ("⌈((O − 2)·S +E − N + 1)/2⌉", "⌊((O − 1)·S +E − N)/2⌋"),
    ("ceil", "both"): ("(O − 2)·S +E − N + 1", "(O − 1)·S +E − N"),
    ("same", "input"): ("(O − 1)·S + 1", "O·S"),
    ("same", "stride"): ("⌈N/O⌉", "⌈N/(O − 1)⌉ − 1"),
    ("transpose", "input"): ("(O −E +P −X)/S + 1",) * 2,
    ("transpose", "kernel"): ("(O − (N − 1)·S +P −X − 1)/d + 1",) * 2,
    ("transpose", "stride"): ("(O −E +P −X)/(N − 1)",) * 2,
    ("transpose", "pad"): ("((N − 1)·S +E +X − O)/2",) * 2,
    ("transpose", "both"): ("(N − 1)·S +E +X − O",) * 2,
}
"""The smallest and the largest value of each unknown, by the rounding rule: the layer's formula turned round.

±E stands for F or d·(F - 1) + 1, ±P for 2P or p + q, ±X for the output pad. A formula with /d is written without it
where d is 1.
"""
_SMALLEST, _LARGEST = message("the smallest"), message("the largest")


def _derive(known: Known, unknown: str, solution: WholeRange) -> Iterator[Step]:
    """Yield the formulas of both ends, where they give what was found: not where a layer's own limits cut it off."""
    formulas = FORMULAS.get((known.rule, unknown))
    if formulas is None:
        return
    symbol = "p + q" if unknown == "both" else LETTERS[unknown]
    shown = [
        (*_tidy(*_written(formula, known)), end, note)
        for formula, end, note in zip(
            formulas, (solution.low, solution.high), (_SMALLEST, _LARGEST), strict=True
        )
    ]
    right = [
        Step(symbol, f"{symbol} = {formula}", numbers, str(end), note)
        for formula, numbers, end, note in shown
        if end is not None and _value(numbers) == end
    ]
    if (solution.single or unknown == "both") and right:
        right.sort(key=lambda step: "(O − 1)" not in step.formula)  # the one that people know
        right = [right[0]._replace(note="")]
    yield from right


def _written(formula: str, known: Known) -> tuple[str, str]:
    """Return a formula with its short signs written out, and with its numbers."""
    before, after = known.pad or (0, 0)
    pads = ("2P", "2P") if before == after else ("p + q", "p − q")
    extent = ("F", "F") if known.dilation == 1 else ("d·(F − 1) + 1", "d·(F − 1) − 1")
    extra = ("output_pad", "output_pad") if known.output_pad else None
    for sign, texts in (("P", pads), ("E", extent), ("X", extra)):
        formula = formula.replace(f"+{sign}", f"+ {texts[0]}" if texts else "")
        formula = formula.replace(f"−{sign}", f"− {texts[1]}" if texts else "")
    formula = re.sub(" +", " ", formula).replace(" )", ")")
    if known.dilation == 1:
        formula = _without_dilation(formula)
    values = {
        "N": known.input,
        "F": known.kernel,
        "S": known.stride,
        "O": known.output,
        "d": known.dilation,
        "P": before,
        "p": before,
        "q": after,
        "output_pad": known.output_pad,
    }
    numbers = re.sub(
        r"(\d?)(output_pad|[NFSOPpqd])",
        lambda solution: (f"{solution[1]}·" if solution[1] else "") + str(values[solution[2]]),
        formula,
    )
    return formula, numbers


def _without_dilation(formula: str) -> str:
    """Return a kernel's formula for d = 1: (X − 1)/1 + 1 is X."""
    plain = re.fullmatch(r"[⌈⌊]?\((.*)\)/d[⌉⌋]? \+ 1", formula)
    if plain is None:
        return formula
    inner = plain[1]
    for ending, less in ((" − 1", ""), (" − 2", " − 1")):
        if inner.endswith(ending):
            return inner.removesuffix(ending) + less
    return f"{inner} + 1"


def _value(numbers: str) -> object:
    """Return what a formula with its numbers comes to; None where that is beyond the limits."""
    text = re.sub(
        r"⌊(.*)/(.*)⌋", r"((\1)//(\2))", re.sub(r"⌈(.*)/(.*)⌉", r"(-(-(\1)//(\2)))", numbers)
    )
    try:
        return parse_expression(text.replace("·", "*").replace("−", "-")).evaluate({})
    except ExpressionError:
        return None


def _tidy(formula: str, numbers: str) -> tuple[str, str]:
    """Without the rounding signs where there is nothing to round."""
    bare = re.sub("[⌈⌉⌊⌋]", "", numbers)
    return (
        (re.sub("[⌈⌉⌊⌋]", "", formula), bare)
        if _value(bare) == _value(numbers)
        else (formula, numbers)
    )


__all__ = [
    "LETTERS",
    "UNKNOWNS",
    "AxisSolution",
    "Known",
    "Solution",
    "WholeRange",
    "measured",
    "solve",
]
