"""The cnncalc spec of a plan, and the line on which each step stands."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from .plans import Layer, Merge, Network, Step

BARE = {
    "fc": "units", "dropout": "rate", "maxpool": "kernel", "avgpool": "kernel", "lrn": "size", "groupnorm": "groups",
    "shuffle": "groups", "adaptiveavgpool": "size", "adaptivemaxpool": "size", "upsample": "scale", "scale": "factor",
    "reshape": "shape", "slice": "channels", "pad": "size", "broadcast": "size",
}  # fmt: skip


class SpecText:
    """The spec of a plan, one layer a line, in one of the many ways to write it (chosen by the seed).

    `lines[i]` is the line, from 1, of the i-th step in the order of execution.
    """

    def __init__(self, network: Network, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines: list[int] = []
        channels, *space = network.input
        self.rows = [f"input: {'x'.join(map(str, [*space, channels]))}", "layers:"]
        self.write(network.steps, "  ")
        self.text = "\n".join(self.rows) + "\n"

    def write(self, steps: Sequence[Step], indent: str) -> None:
        for step in steps:
            if isinstance(step, Merge):
                self.write_merge(step, indent)
            else:
                self.rows.append(f"{indent}- {self.layer(step)}")
                self.lines.append(len(self.rows))

    def write_merge(self, merge: Merge, indent: str) -> None:
        fields = {
            key: value for key, value in (("name", merge.name), ("from", merge.start)) if value
        }
        if merge.sources:
            names = f"[{', '.join(merge.sources)}]"
            self.rows.append(f"{indent}- {merge.op}: " + flow({**fields, "from": names}))
            self.lines.append(len(self.rows))
            return
        self.rows.append(f"{indent}- {merge.op}:")
        line = len(self.rows)
        if merge.op == "residual":
            self.write_residual(merge, fields, indent)
        else:
            self.write_branches(merge, fields, indent)
        self.lines.append(line)

    def write_residual(self, merge: Merge, fields: Mapping[str, str], indent: str) -> None:
        main, *shortcut = merge.branches
        if not fields and not shortcut and self.rng.random() < 0.5:
            self.write(main, indent + "  ")
            return
        self.rows += [f"{indent}    {key}: {value}" for key, value in fields.items()]
        self.rows.append(f"{indent}    layers:")
        self.write(main, indent + "      ")
        for branch in shortcut:
            self.rows.append(f"{indent}    shortcut:" + ("" if branch else " []"))
            self.write(branch, indent + "      ")

    def write_branches(self, merge: Merge, fields: Mapping[str, str], indent: str) -> None:
        inner = indent + "    "
        if fields or self.rng.random() < 0.5:
            self.rows += [f"{inner}{key}: {value}" for key, value in fields.items()]
            self.rows.append(f"{inner}branches:")
            inner += "  "
        for branch in merge.branches:
            self.rows.append(f"{inner}-" + ("" if branch else " []"))
            self.write(branch, inner + "  ")

    def layer(self, layer: Layer) -> str:
        fields = {key: self.value(key, value) for key, value in layer.fields.items()}
        if layer.op == "broadcast":  # one number would leave open how many axes there are
            fields["size"] = str(list(layer.fields["size"]))
        if layer.name:
            fields = {"name": layer.name, **fields}
        if not fields:
            return layer.op if self.rng.random() < 0.8 else f"{layer.op}: {{}}"
        if list(fields) == [BARE.get(layer.op)] and self.rng.random() < 0.5:
            return f"{layer.op}: {next(iter(fields.values()))}"
        return f"{layer.op}: {flow(fields)}"

    def value(self, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if key == "shape":
            return "x".join(map(str, value))
        if not isinstance(value, tuple):
            return str(value)
        if isinstance(value[0], tuple) or key == "channels":
            return str([list(v) if isinstance(v, tuple) else v for v in value])
        if len(set(value)) == 1 and self.rng.random() < 0.8:
            return str(value[0])
        if len(value) > 1 and min(value) >= 0 and self.rng.random() < 0.3:
            return "x".join(map(str, value))
        return str(list(value))


def flow(fields: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"
