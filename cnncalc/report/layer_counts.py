"""What a total sums of one layer under one convention, remembered: networks, and variants of one, share most layers."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

from cnncalc.ops.base import Facts
from cnncalc.report.conventions import Convention
from cnncalc.spec.graph import Node
from cnncalc.spec.layers import MAX_LAYERS

MAX_COUNTED = MAX_LAYERS + 1
"""Layers that a counter remembers, as many as a network has; of more a sweep made most, and they do not come back."""


class LayerCounts(NamedTuple):
    """What a total sums of a layer, for one example; `counted_params` are what the convention calls parameters."""

    weights: int
    biases: int
    buffers: int
    macs: int
    ops: int
    activations: int
    outputs: int
    counted_params: int


class LayerCounter:
    """Counts layers under a convention, without biases where `no_bias`; layers that are alike are counted once."""

    def __init__(self, convention: Convention, no_bias: bool) -> None:
        self.convention = convention
        self.no_bias = no_bias
        self._has_usual_parameters = convention.has_usual_parameters
        self._known: dict[tuple[object, ...], tuple[Facts, LayerCounts]] = {}

    def counts(self, node: Node) -> LayerCounts:
        """Return what a total sums of a layer. Raises SpecError for a measure of the convention that is no number."""
        key = node.alike
        known = self._known.get(key)
        if known is not None:
            return known[1]
        if len(self._known) >= MAX_COUNTED:
            self._known.clear()
        counted = self._count(node)
        self._known[key] = (
            node.facts,
            counted,
        )  # kept with its facts, by whose identity it is looked up
        return counted

    def _count(self, node: Node) -> LayerCounts:
        facts = node.facts
        outputs = prod(node.output)
        weights = biases = buffers = params = 0
        if node.shares is None:
            weights, biases, buffers, *_ = facts.law
            if self.no_bias:
                biases = 0
            params = weights + biases
            if not self._has_usual_parameters:
                params = self.convention.parameters_of(node, no_bias=self.no_bias)
        return LayerCounts(
            weights,
            biases,
            buffers,
            facts.macs,
            self.convention.operations_of(node),
            outputs if node.op.is_activation_map else 0,
            outputs,
            params,
        )


@lru_cache(32)
def layer_counter(convention: Convention, no_bias: bool) -> LayerCounter:
    """Return the counter of a convention: one for all networks and reports, which a default would make two."""
    return LayerCounter(convention, no_bias)


__all__ = ["LayerCounter", "LayerCounts", "layer_counter"]
