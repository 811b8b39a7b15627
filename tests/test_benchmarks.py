"""The benchmarks' own arithmetic: targets, exponents, and specs of the sizes that they say."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import cnncalc

PATH = Path(__file__).parent.parent / "benchmarks" / "bench.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The benchmarks as a module."""
    spec = importlib.util.spec_from_file_location("bench", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module
    spec.loader.exec_module(module)
    return module


def test_a_target_is_the_least_or_the_most(bench: ModuleType) -> None:
    assert bench.Figure("speed", 41.0, "x", 40, at_least=True).is_met
    assert not bench.Figure("speed", 39.0, "x", 40, at_least=True).is_met
    assert bench.Figure("cost", 1.0, "x", 1.25).is_met
    assert not bench.Figure("cost", 1.3, "x", 1.25).is_met
    assert bench.Figure("no target", 9.0, "x").is_met
    assert "beyond the target" in str(bench.Figure("cost", 1.3, "x", 1.25))


def test_an_exponent_is_that_of_the_cost(bench: ModuleType) -> None:
    assert bench.exponent(lambda n: 3 * n**2, 10, 1000) == pytest.approx(2)
    assert bench.exponent(lambda n: 7 * n, 10, 1000) == pytest.approx(1)


@pytest.mark.parametrize(("name", "layers"), [("chain", 60), ("flat", 60), ("blocks", 60)])
def test_a_spec_has_as_many_layers_as_asked(bench: ModuleType, name: str, layers: int) -> None:
    net = cnncalc.loads(getattr(bench, name)(layers))
    assert len(net.graph.nodes) == layers + 1


def test_a_dense_chain_shows_each_op_as_many_shapes(bench: ModuleType) -> None:
    nodes = cnncalc.loads(bench.growing(60)).graph.nodes
    assert len({node.shapes for node in nodes if node.kind == "concat"}) == 20


def test_a_u_net_comes_back_to_the_size_of_its_input(bench: ModuleType) -> None:
    net = cnncalc.loads(bench.u_net(3))
    assert net.graph.nodes[-1].output[:2] == net.graph.input[:2]


def test_other_tools_that_are_not_there_are_named(bench: ModuleType) -> None:
    found = bench.ask_peers(sys.executable, 1)
    assert found["versions"] or "all of them" in found["missing"][0]
