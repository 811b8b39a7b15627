"""Grows random networks.

Whether a proposed layer fits, and what comes out of it, is asked of a `Judge` (PyTorch, in `torch_layers.py`): no third
formula stands between the two that are compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .plans import Judge, Layer, Merge, Network, RefusedError, Shape, Step, product
from .proposals import ENLARGING, MAP_LAYERS, VECTOR_LAYERS, Maker

LARGEST = 3000  # elements of a map, above which no layer that enlarges it is proposed


class Grower:
    """Grows one network step by step, and asks the judge about each. `refused` keeps what the judge did not take."""

    def __init__(self, seed: int, judge: Judge) -> None:
        self.rng = random.Random(seed)
        self.make = Maker(self.rng)
        self.judge = judge
        self.named: dict[str, Any] = {}
        self.shared: list[tuple[Layer, Shape]] = []
        self.refused: list[tuple[int, Layer]] = []  # (number of steps before it, it)
        axes = self.rng.choice((1, 2, 2, 2, 3))
        sides = {1: (4, 40), 2: (3, 16), 3: (2, 8)}[axes]
        self.input: Shape = (
            self.rng.randint(1, 6),
            *(self.rng.randint(*sides) for _ in range(axes)),
        )

    def network(self, length: int) -> Network:
        """A network of about `length` steps that the judge takes."""
        value = self.judge.start(self.input)
        steps: list[Step] = []
        for _ in range(length):
            step, value = self.step(value, len(steps), merges=True)
            steps.append(step)
        return Network(self.input, tuple(steps))

    def step(self, value: Any, before: int, merges: bool) -> tuple[Step, Any]:
        """One more step: mostly a layer, sometimes branches, sometimes from an earlier layer."""
        kind = self.rng.random()
        if merges and kind < 0.15:
            merged = self.branches(value)
            if merged is not None:
                return merged
        if merges and kind < 0.2:
            merged = self.of_earlier()
            if merged is not None:
                return merged
        source = self.rng.choice(list(self.named)) if self.named and kind > 0.95 else ""
        return self.a_layer(self.named[source] if source else value, before, source)

    def a_layer(self, value: Any, before: int, source: str) -> tuple[Layer, Any]:
        shape = self.judge.shape(value)
        for _ in range(20):
            layer = self.finished(self.propose(shape), source)
            try:
                result = self.judge.layer(layer, value)
            except RefusedError:
                self.refused.append((before, layer))
                continue
            self.remember(layer, result)
            if layer.op in ("conv", "fc") and layer.name:
                self.shared.append((layer, shape))
            return layer, result
        layer = self.finished(Layer("identity"), source)
        return layer, self.remember(layer, value)

    def propose(self, shape: Shape) -> Layer:
        again = [layer for layer, arrived in self.shared if arrived == shape]
        if again and self.rng.random() < 0.3:
            first = self.rng.choice(again)
            fields = {key: value for key, value in first.fields.items() if key != "from"}
            return Layer(first.op, {**fields, "share": first.name})
        table = MAP_LAYERS if len(shape) > 1 else VECTOR_LAYERS
        small = product(shape) <= LARGEST
        fitting = [(weight, make) for weight, make in table if small or make not in ENLARGING]
        weights, makers = zip(*fitting, strict=True)
        chosen: Callable[[Maker, Shape], Layer] = self.rng.choices(makers, weights)[0]
        return chosen(self.make, shape)

    def finished(self, layer: Layer, source: str = "") -> Layer:
        fields = {**layer.fields, "from": source} if source else layer.fields
        return replace(layer, fields=fields, name=self.a_name())

    def a_name(self) -> str:
        return f"n{len(self.named)}" if self.rng.random() < 0.4 else ""

    def remember(self, step: Step, value: Any) -> Any:
        if step.name:
            self.named[step.name] = value
        return value

    # -- merges

    def branches(self, value: Any) -> tuple[Merge, Any] | None:
        start = self.rng.choice(list(self.named)) if self.named and self.rng.random() < 0.2 else ""
        value = self.named[start] if start else value
        shape = self.judge.shape(value)
        if product(shape) > LARGEST:
            return None
        op = self.rng.choice(("concat", "concat", "add", "multiply", "residual"))
        if len(shape) == 1:
            plans = self.vector_branches(op, shape)
        elif op in ("multiply", "add") and self.rng.random() < 0.4:
            plans = self.gate(shape)
        else:
            plans = self.map_branches(op, shape)
        results = [self.run(plan, value) for plan in plans]
        if op == "residual" and len(results) == 1:
            results.append(((), value))
        merge = Merge(
            op, tuple(steps for steps, _ in results[: len(plans)]), start=start, name=self.a_name()
        )
        return merge, self.remember(merge, self.judge.merge(op, [result for _, result in results]))

    def vector_branches(self, op: str, shape: Shape) -> list[tuple[Step, ...]]:
        units = self.rng.randint(1, 6)
        one = (Layer("fc", {"units": units}),)
        two = (
            Layer("fc", {"units": self.rng.randint(1, 6) if op == "concat" else units}),
            self.make.activation(shape),
        )
        return [one, two]

    def gate(self, shape: Shape) -> list[tuple[Step, ...]]:
        """A map, and a vector of its channels laid over it: squeeze and excite."""
        pool = Layer("globalavgpool")
        last: Step = Layer("fc", {"units": shape[0]})
        if self.rng.random() < 0.5:
            last = Layer("conv", {"filters": shape[0], "kernel": (1,) * (len(shape) - 1)})
        return [(), (pool, last, Layer("sigmoid"))]

    def map_branches(self, op: str, shape: Shape) -> list[tuple[Step, ...]]:
        filters = self.rng.randint(1, 6)
        count = 2 if op == "residual" else self.rng.randint(2, 3)
        plans: list[tuple[Step, ...]] = []
        for _ in range(count):
            middle = self.make.keep(shape) if self.rng.random() < 0.5 else None
            width = self.rng.randint(1, 6) if op == "concat" else filters
            last = self.make.keep(shape, width)
            plans.append((middle, last) if middle and middle.op != "conv" else (last,))
        if op == "concat" and self.rng.random() < 0.4:
            plans[-1] = ()
        if op == "residual" and self.rng.random() < 0.5:
            return [(self.make.keep(shape, shape[0]), Layer("bn"))]
        if op == "concat" and self.rng.random() < 0.2:
            plans[0] = (self.nested(shape), *plans[0][1:])
        return plans

    def nested(self, shape: Shape) -> Step:
        return Merge("concat", ((self.make.keep(shape, 2),), ()), name=self.a_name())

    def run(self, plan: tuple[Step, ...], value: Any) -> tuple[tuple[Step, ...], Any]:
        steps: list[Step] = []
        for step in plan:
            if isinstance(step, Merge):
                results = [self.run(branch, value) for branch in step.branches]
                value = self.judge.merge(step.op, [result for _, result in results])
                step = replace(
                    step, branches=tuple(branch for branch, _ in results), name=self.a_name()
                )
            else:
                step = self.finished(step)
                value = self.judge.layer(step, value)
            steps.append(step)
            self.remember(step, value)
        return tuple(steps), value

    def of_earlier(self) -> tuple[Merge, Any] | None:
        """A merge of two earlier layers, where two have the positions in common."""
        names = list(self.named)
        self.rng.shuffle(names)
        op = self.rng.choice(("concat", "add", "multiply"))
        for first in names:
            one = self.judge.shape(self.named[first])
            for second in names:
                two = self.judge.shape(self.named[second])
                fits = one[1:] == two[1:] if op == "concat" else one == two
                if first != second and fits and len(one) == len(two) and product(one) <= LARGEST:
                    merge = Merge(op, sources=(first, second), name=self.a_name())
                    return merge, self.remember(
                        merge, self.judge.merge(op, [self.named[first], self.named[second]])
                    )
        return None
