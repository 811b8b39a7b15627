"""cnncalc beside PyTorch over random networks: every output, every array, and the layer that is refused."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

import cnncalc

from .conftest import require
from .generate import Grower
from .plans import Network, RefusedError, Shape
from .proposals import AFTER, Breaker
from .spec_text import SpecText

torch = require("torch")

from .torch_layers import Ran, Run, TorchJudge  # noqa: E402  (it needs PyTorch, which the line above may miss)

# PyTorch warns of a copy it makes for an even kernel, and of a kernel of nothing that a test has it refuse.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel"),
    pytest.mark.filterwarnings("ignore:Initializing zero-element tensors"),
]

GROUPS, VALID, NATURAL, BROKEN = (
    20,
    84,
    11,
    13,
)  # tests, and networks of each kind in a test: 1,680 + 220 + 260 = 2,160
FIRST = int(os.environ.get("CNNCALC_SEED", "0"))  # any other number makes 2,160 other networks


# ---- the two sides --------------------------------------------------------------------------------------------------


def contract_order(shape: Shape) -> list[int]:
    """Channels first to height x width x channels."""
    channels, *space = shape
    return [*space, channels]


def expected(ran: Ran) -> dict[str, Any]:
    """A row's facts as PyTorch has them: `weight` is weights, `bias` is biases (of a norm: gamma and beta)."""
    parameters = ran.arrays("parameters")
    return {
        "output": contract_order(ran.output),
        "weights": [shape for name, shape in parameters.items() if name == "weight"],
        "biases": [shape for name, shape in parameters.items() if name == "bias"],
        "buffers": list(ran.arrays("buffers").values()),
    }


def found(row: Any) -> dict[str, Any]:
    arrays = {
        role: [tuple(a.shape) for a in row.arrays if a.role == role]
        for role in ("weights", "biases", "buffers")
    }
    return {"output": list(row.output), **({role: [] for role in arrays} if row.shares else arrays)}


def elements(shapes: Sequence[Shape]) -> int:
    return sum(torch.Size(shape).numel() for shape in shapes)


def disagreement(network: Network, seed: int) -> str:
    """The first thing that the two say differently about a network that PyTorch takes, or nothing."""
    spec = SpecText(network, seed)
    run = Run()
    run.network(network)
    try:
        report = cnncalc.loads(spec.text).report()
    except cnncalc.SpecError as error:
        return f"refused by cnncalc alone: {error}\n{spec.text}"
    rows = report.rows[1:]
    if len(rows) != len(run.ran):
        return f"{len(rows)} rows for {len(run.ran)} steps\n{spec.text}"
    for row, ran in zip(rows, run.ran, strict=True):
        right = expected(ran)
        counts = {role: elements(right[role]) for role in ("weights", "biases", "buffers")}
        ours = {**found(row), **{f"{role} counted": getattr(row, role) for role in counts}}
        theirs = {**right, **{f"{role} counted": count for role, count in counts.items()}}
        if ours != theirs or (ran.step.name and ran.step.name != row.name):
            return f"{row.name}: {ours}, PyTorch: {theirs}\n{spec.text}"
    total = sum(elements(list(ran.arrays("parameters").values())) for ran in run.ran)
    return (
        ""
        if report.totals.params == total
        else f"totals {report.totals.params}, PyTorch {total}\n{spec.text}"
    )


def refusal_disagreement(network: Network, seed: int) -> str:
    """Nothing, if the layer that PyTorch refuses is the one, and the only one, that cnncalc has a problem with."""
    spec = SpecText(network, seed)
    with pytest.raises(RefusedError) as refused:
        Run().network(network)
    line = spec.lines[refused.value.index]
    theirs = f"PyTorch refuses line {line}: {refused.value}\n{spec.text}"
    try:
        cnncalc.loads(spec.text).report()
    except cnncalc.SpecError as error:
        lines = {problem.line for problem in error.problems}
        return "" if lines == {line} else f"{error}\n{theirs}"
    return f"accepted\n{theirs}"


# ---- the networks ---------------------------------------------------------------------------------------------------


def grown(seed: int) -> tuple[Grower, Network]:
    grower = Grower(seed, TorchJudge())
    return grower, grower.network(grower.rng.randint(2, 9))


def naturally_invalid(seed: int) -> Network | None:
    """A network up to the first layer that was proposed as good, and that PyTorch does not take."""
    grower, network = grown(seed)
    if not grower.refused:
        return None
    before, layer = grower.refused[0]
    return Network(network.input, (*network.steps[:before], layer, *AFTER))


def broken(seed: int) -> Network:
    """A good network with a step added that PyTorch refuses, and good ones after that."""
    grower, network = grown(seed)
    run = Run()
    shape = tuple(run.network(network).shape[1:])
    breaker = Breaker(grower.make)
    while True:
        attempt = Network(network.input, (*network.steps, *breaker.steps(shape)))
        try:
            Run().network(attempt)
        except RefusedError:
            return Network(network.input, (*attempt.steps, *AFTER))


@pytest.fixture(autouse=True)
def _no_gradients() -> Any:
    with torch.no_grad():
        yield


@pytest.mark.parametrize("group", range(GROUPS))
def test_valid_networks_agree(group: int) -> None:
    seeds = range(FIRST + group * VALID, FIRST + (group + 1) * VALID)
    wrong = [text for seed in seeds if (text := disagreement(grown(seed)[1], seed))]
    assert not wrong, f"{len(wrong)} networks differ; the shortest:\n{min(wrong, key=len)}"


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_layer_that_happens_not_to_fit_is_refused(group: int) -> None:
    start = FIRST + 1_000_000 * (group + 1)
    networks: list[tuple[int, Network]] = []
    while len(networks) < NATURAL:
        network = naturally_invalid(start)
        networks += [(start, network)] if network else []
        start += 1
    wrong = [text for seed, network in networks if (text := refusal_disagreement(network, seed))]
    assert not wrong, f"{len(wrong)} networks differ; the shortest:\n{min(wrong, key=len)}"


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_layer_made_not_to_fit_is_refused(group: int) -> None:
    seeds = range(FIRST + 100_000_000 + group * BROKEN, FIRST + 100_000_000 + (group + 1) * BROKEN)
    wrong = [text for seed in seeds if (text := refusal_disagreement(broken(seed), seed))]
    assert not wrong, f"{len(wrong)} networks differ; the shortest:\n{min(wrong, key=len)}"
