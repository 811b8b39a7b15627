"""Derivations held to the truth tables: each letter of a formula stands for what the row of tests/ops/*.yaml says.

A formula is written out with numbers that are worked out here, from the fields as they are written in the row, from
what arrives and from the output that the row expects; the line of numbers must be that, and the last result what the
row expects.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import gcd, prod
from typing import Any, TypeAlias

import pytest
from arithmetic import evaluate
from test_ops import FAMILIES, ROLES, fields_of, network, shape, sound_rows, spec, word_of

from cnncalc.ops import OPS
from cnncalc.ops.base import AXIS_LETTERS, Step
from cnncalc.ops.shapes import AXIS_NAMES
from cnncalc.text.messages import Phrase

Letters: TypeAlias = dict[str, list[Any]]
"""What a letter may stand for: one number or text, or those of what arrives and of what comes out."""

LETTER = re.compile(r"n×k|k×m|Σ\|maps\||Π\(2·w − 1\)|[A-Za-zΣ]+(?:_[a-z]+)?[₀²³]?")


def per_axis(value: Any, rank: int) -> list[Any]:
    """A field's value along each axis: one for all, a list, or `1x7`."""
    if isinstance(value, str) and "x" in value:
        return list(shape(value))
    return value if isinstance(value, list) else [value] * rank


class Case:
    """A row of a truth table: its fields, what arrives, what comes out."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.net = network(spec(row))
        self.node = self.net.graph.nodes[-1]
        self.kind = word_of(row)
        self.fields = fields_of(row, OPS[self.kind].bare)
        self.inputs = self.node.shapes
        self.arrives = self.inputs[0] if self.inputs else shape(row["output"])
        self.rank = len(self.arrives) - 1
        self.output = shape(row["output"])
        self.events: dict[str, int] = row.get("events", {})

    def held(self, role: str) -> int:
        arrays = self.row.get("arrays", {})
        return sum(prod(size) for name, size in arrays.items() if ROLES[name] == role)

    def field(self, name: str, axis: int, default: Any) -> Any:
        return per_axis(self.fields.get(name, default), self.rank)[axis]

    # -- what letters stand for ------------------------------------------------------------------------------------

    def letters(self, step: Step, axis: int) -> Letters:
        """Those of a step, about one axis where it is about any."""
        found = {**self.counted(), **self.channels(), **self.fields_before(axis)}
        for place, letter in enumerate(AXIS_LETTERS[len(self.output) - 1]):
            found[f"O_{letter}"] = [self.output[place]]
        for place, letter in enumerate(AXIS_LETTERS[self.rank]):
            found[f"N_{letter}"] = [self.arrives[place]]
            found[f"F_{letter}"] = [self.field("kernel", place, 1)]
        more = self.depth() if step.symbol == "depth" else self.along(axis)
        for name, values in more.items():
            found[name] = [*found.get(name, ()), *values]
        return found | self.matmul() | self.attention()

    def counted(self) -> Letters:
        """Letters, and words, for what is counted."""
        stated = [self.fields.get("macs", 0), self.fields.get("params", 0)]
        names = {
            "weights": self.held("weights"), "biases": self.held("biases"), "bytes": 4,
            "mac": self.events.get("mac", 0), "entries": self.fields.get("entries"),
            "activations": prod(self.output), "outputs": prod(self.output),
            "U": self.fields.get("units", self.output[-1]), "K": self.fields.get("filters"),
            "g": self.fields.get("groups", 1),
        }  # fmt: skip
        links = self.fields.get("connections")
        sizes = Counter(map(len, links if isinstance(links, list) else []))
        parts = (f"{count}·{size}" for size, count in sizes.items())
        one = {name: [value] for name, value in names.items()}
        return {**one, "stated": stated, "Σ|maps|": [f"({' + '.join(parts)})"]}

    def channels(self) -> Letters:
        """Letters for the channels, and for all values that arrive."""
        place = (*AXIS_NAMES[self.rank], "channels").index(self.fields.get("axis", "channels"))
        joined = self.inputs if self.kind == "concat" else ()
        total = " + ".join(str(size[place]) for size in joined)
        return {
            "C": [self.arrives[-1], self.output[-1]],
            "n": ["·".join(map(str, self.arrives)), prod(self.output)],
            "ΣC": [total],
            "ΣN": [total],
        }

    def depth(self) -> Letters:
        """Letters for channels that are cut or added, and that become positions."""
        given = self.fields.get("channels", 0)
        both = given if isinstance(given, list) else [given, given]
        before, after = both[0] if isinstance(both[0], list) else both
        block = "·".join(map(str, per_axis(self.fields.get("scale", 1), self.rank)))
        power = f"({block})" if self.kind == "pixel_shuffle" and self.rank > 1 else block
        names: dict[str, Any] = {"first": before, "end": after, "before": before, "after": after}
        names |= {"r": power, "r²": power, "r³": power}
        return {name: [value] for name, value in names.items()}

    def matmul(self) -> Letters:
        """Letters for n×k by k×m."""
        if self.kind != "matmul":
            return {}
        first, second = self.inputs
        if self.fields.get("transpose"):
            second = (*second[:-2], second[-1], second[-2])
        rows, columns = ("×".join(map(str, size)) for size in (first, second))
        return {"n×k": [rows], "k×m": [columns], "k": [first[-1]], "by": ["by"]}

    def attention(self) -> Letters:
        """Letters for n queries, m keys, h heads of d and e channels, and w positions of a window."""
        if self.kind != "attention":
            return {}
        query, key, value = (*self.inputs, self.inputs[-1], self.inputs[-1])[:3]
        heads, given = self.fields["heads"], self.fields
        if given.get("project", True):
            depth = given.get("key_dim", query[-1] // heads)
            width = given.get("value_dim", depth)
        else:
            depth, width = query[-1] // heads, value[-1] // heads
        queries, keys, sides = prod(query[:-1]), prod(key[:-1]), []
        if "window_size" in given:
            sides = per_axis(given["window_size"], self.rank)
            queries = prod(-(-n // w) * w for n, w in zip(query, sides, strict=False))
            keys = prod(sides)
        sizes = {
            "n": queries, "m": keys, "h": heads, "d": depth, "e": width,
            "C_q": query[-1], "C_k": key[-1], "C_v": value[-1], "C_o": heads * width,
            "U_q": heads * depth, "U_k": heads * depth, "U_v": heads * width, "U_o": self.output[-1],
            "Π(2·w − 1)": prod(2 * side - 1 for side in sides),
        }  # fmt: skip
        return {name: [size] for name, size in sizes.items()}

    def fields_before(self, axis: int) -> Letters:
        """Letters for the receptive fields of what arrives, and for that of the layer."""
        rows = self.net.report().rows
        last = rows[-1].receptive_field or ()
        letters = [f"r_{name[0]}" for name in AXIS_NAMES[len(last)]] if len(last) > 1 else ["r"]
        found: Letters = {letter: [size] for letter, size in zip(letters, last, strict=False)}
        for row in (rows[place] for place in self.node.inputs):
            measured = {"r₀": row.receptive_field, "j₀": row.jump, "start₀": row.start}
            for name, values in measured.items():
                if axis < len(values or ()):
                    found[name] = [*found.get(name, ()), values[axis]]
        return found

    def along(self, axis: int) -> Letters:
        """Letters for what a layer does along an axis."""
        if axis >= self.rank:
            return {}
        size, out = self.arrives[axis], self.output[axis] if axis < len(self.output) - 1 else 1
        kernel = self.field("kernel", axis, 1)
        stride = self.field("stride", axis, kernel if self.kind.endswith("pool") else 1)
        if self.kind == "pixel_unshuffle":
            kernel = stride = size // out
        if self.kind in ("globalavgpool", "globalmaxpool", "reduce") and out == 1:
            kernel = stride = size
        dilation = self.field("dilation", axis, 1)
        extent = dilation * (kernel - 1) + 1
        before, after = self.ends(axis, extent, stride)
        common = gcd(stride, dilation)
        names = {
            "N": size, "O": out, "F": kernel, "S": stride, "d": dilation,
            "P": before if before == after else None, "p": before, "q": after,
            "output_pad": self.field("output_pad", axis, 0),
            "extent": (-(-kernel * common // stride) - 1) * dilation // common,
            "s": out // size, "r": max(out // size, size // out),
            "first": -before, "end": size + after, "before": -before, "after": -after,
        }  # fmt: skip
        bins = [-(-(i + 1) * size // out) - i * size // out for i in range(out)]
        window = self.field("window_size", axis, 1)
        widths = [bins[0], max(bins)] if self.kind.startswith("adaptive") else [window]
        return {**{name: [value] for name, value in names.items()}, "w": widths}

    def ends(self, axis: int, extent: int, stride: int) -> tuple[int, int]:
        """How many positions are added before and after the map; less than none are cut off."""
        size = self.arrives[axis]
        if self.kind == "slice":
            parts = self.fields.get("positions", "all")
            part = parts if parts == "all" or isinstance(parts[0], int) else parts[axis]
            return (0, 0) if part == "all" else (-part[0], part[1] - size)
        if self.kind == "crop" and "size" not in self.fields:
            spare = size - self.output[axis]
            return -(spare // 2), spare // 2 - spare
        pad = self.field("size" if self.kind in ("pad", "crop") else "pad", axis, 0)
        if pad == "same":
            out = -(-size // stride)
            total = (
                extent - stride
                if self.kind == "conv_transpose"
                else (out - 1) * stride + extent - size
            )
            return max(total, 0) // 2, max(total, 0) - max(total, 0) // 2
        before, after = pad if isinstance(pad, list) else (0, 0) if pad == "valid" else (pad, pad)
        return (-before, -after) if self.kind == "crop" else (before, after)


def axes_of(step: Step, rank: int) -> Iterator[int]:
    """Which axes a step is about: the one that it names, or all."""
    names = [name for name in AXIS_NAMES[rank] if name in step.symbol and step.symbol != "depth"]
    yield from (AXIS_NAMES[rank].index(name) for name in names) if names else range(max(rank, 1))


def written_out(formula: str, letters: Letters) -> set[str]:
    """A formula with its numbers; several where a letter may stand for several things."""
    formula = re.sub(r"(\d)([A-Za-z])", r"\1·\2", re.sub("^[On] = ", "", formula))
    used = list(dict.fromkeys(LETTER.findall(formula)))
    texts = set()
    for chosen in product(*(letters[letter] for letter in used)):
        told = {
            letter: str(value).replace("-", "−") for letter, value in zip(used, chosen, strict=True)
        }
        texts.add(LETTER.sub(lambda found: told[found.group()], formula).replace("− −", "+ "))  # noqa: B023
    return texts


def digits(text: str) -> str:
    """A text without the commas between thousands."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def is_said_in_words(step: Step, letters: Letters) -> bool:
    return isinstance(step.formula, Phrase) and not {*LETTER.findall(step.formula)} <= set(letters)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_letter_of_a_formula_stands_for_what_the_row_says(family: str) -> None:
    for name, row in sound_rows(family):
        case = Case(row)
        for derivation in case.net.explain(case.node.name):
            for step in derivation.steps:
                for axis in axes_of(step, case.rank):
                    letters = case.letters(step, axis)
                    if not is_said_in_words(step, letters):
                        written = written_out(step.formula, letters)
                        assert digits(step.numbers) in written, (name, derivation.quantity, step)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_derivation_comes_to_what_the_row_expects(family: str) -> None:
    for name, row in sound_rows(family):
        case = Case(row)
        expected = {
            "output": "×".join(map(str, case.output)),
            "weights": case.held("weights"),
            "biases": case.held("biases"),
            "params": case.held("weights") + case.held("biases"),
            "macs": case.events.get("mac", 0),
            "flops": 2 * case.events.get("mac", 0),
            "activations": prod(case.output) if row["counted"] else 0,
            "memory": f"{4 * prod(case.output)} bytes",
        }
        for derivation in case.net.explain(case.node.name):
            if derivation.quantity in expected and derivation.result != "unknown":
                told = digits(derivation.result)
                assert told == str(expected[derivation.quantity]), (name, derivation)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_sizes_that_are_derived_are_those_of_the_output(family: str) -> None:
    """A size that no step is about stays; what is rounded does not divide."""
    for name, row in sound_rows(family):
        case = Case(row)
        (derivation,) = case.net.explain(case.node.name, "output")
        steps = {step.symbol: step for step in derivation.steps}
        assert len(steps) == len(derivation.steps), (name, derivation)
        if len(steps) > 1 and "inputs" not in steps:
            sizes = list(map(str, case.arrives[:-1]))
            if "positions" in steps:
                sizes = steps["positions"].result.split("×")
            for axis, size in enumerate(AXIS_NAMES[case.rank]):
                step = steps.get(f"output {size}")
                sizes[axis] = step.result if step else sizes[axis]
            depth = steps["depth"]
            assert "×".join([*sizes, depth.result]) == derivation.result, (name, steps)
            assert depth.formula != "C" or depth.result == str(case.arrives[-1]), (name, depth)
        for step in derivation.steps:
            if re.match("[⌊⌈].* 1$", step.numbers):
                assert evaluate(re.sub("[⌊⌋⌈⌉]", "", step.numbers)).denominator > 1, (name, step)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_said_of_a_factor_comes_to_its_value(family: str) -> None:
    for name, row in sound_rows(family):
        node = Case(row).node
        for work in node.op.work(node.output, *node.shapes):
            for factor in work.factors:
                if factor.numbers:
                    assert evaluate(factor.numbers) == factor.value, (name, factor)
