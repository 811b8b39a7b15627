"""Memory by parts, over time, and in mixed precision. Expected values are hand arithmetic, or measured with PyTorch."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.report import receptive
from cnncalc.report.memory import Memory, Moment, Training, parameter_bytes, scale
from cnncalc.spec.quantities import BY_NAME
from cnncalc.tables.table import data_table, table

CHAIN = """
input: 4x4x1
layers:
  - conv: {name: wide, filters: 8, kernel: 1}
  - relu
  - conv: {name: narrow, filters: 2, kernel: 1, bias: false}
  - bn
"""


def memory(text: str = CHAIN, **options: object) -> Memory:
    """The memory of a spec."""
    return cnncalc.loads(text).report(**options).totals.memory  # type: ignore[arg-type]


def test_moments_follow_the_layers_and_end_with_the_outputs() -> None:
    # 16 values in; wide makes 128 beside them; relu is in its place, the input is gone; narrow makes 32; bn 32 more
    made = memory()
    assert made.moments == (
        Moment(0, 4 * 16),
        Moment(1, 4 * (16 + 128)),
        Moment(2, 4 * 128),
        Moment(3, 4 * (128 + 32)),
        Moment(4, 4 * (32 + 32)),
    )
    assert made.peak_moment == Moment(3, 640)
    assert made.peak == 640


def test_what_is_alive_at_the_peak_adds_up_to_it() -> None:
    made = memory()
    assert made.alive(3) == (Moment(1, 512), Moment(3, 128))
    assert made.alive(0) == (Moment(0, 64),)


@pytest.mark.parametrize(
    "name", ["googlenet", "pix2pix_unet", "densenet121", "torchvision/mobilenet_v2"]
)
@pytest.mark.parametrize("with_side", [False, True])
def test_every_moment_is_the_sum_of_what_is_alive(name: str, with_side: bool) -> None:
    made = cnncalc.load(name).report(with_side=with_side).totals.memory
    assert made.peak == max(moment.bytes for moment in made.moments)
    for moment in made.moments[:: max(len(made.moments) // 20, 1)]:
        assert moment.bytes == sum(tensor.bytes for tensor in made.alive(moment.place))


def test_training_is_told_part_by_part() -> None:
    # wide 8 + 8, narrow 16, bn 2 + 2. Kept: the input (16), the relu's output (128), narrow's (32), 2 * 2
    parts = memory(optimizer="adam").training
    assert parts == Training(36 * 4, 0, 36 * 4, 72 * 4, (16 + 128 + 32 + 4) * 4)
    assert parts.total == 36 * 16 + 180 * 4
    assert memory().training.state == 0
    assert memory(optimizer="momentum").training.state == 36 * 4


def test_mixed_precision_keeps_parameters_gradients_and_state_in_4_bytes() -> None:
    # copies: of the two convs alone, (8 + 8 + 16) * 2; values in 2 bytes, bn's mean and 1/sigma in 4
    parts = memory(optimizer="adam", dtype="mixed", batch=3).training
    assert parts == Training(36 * 4, 32 * 2, 36 * 4, 72 * 4, 3 * (16 + 128 + 32) * 2 + 4 * 4)
    assert memory(dtype="mixed").peak == memory(dtype="float16").peak


@pytest.mark.parametrize(("name", "megabytes"), [("torchvision/resnet18", 234), ("vgg11", 2453)])
def test_mixed_precision_of_known_networks(name: str, megabytes: int) -> None:
    """Measured: PyTorch's autocast with float32 masters and Adam, batch 2."""
    totals = cnncalc.load(name).report(batch=2, dtype="mixed", optimizer="adam").totals
    assert totals.training_bytes / 1e6 == pytest.approx(megabytes, rel=0.01)


def test_bytes_of_a_parameter_and_of_a_value_differ_when_mixed() -> None:
    assert (parameter_bytes("mixed"), parameter_bytes("float16")) == (4, 2)
    assert scale(BY_NAME["memory"], "mixed", 5) == 2 * 5
    assert scale(BY_NAME["parameter bytes"], "mixed", 5) == 4
    assert scale(BY_NAME["params"], "mixed", 5) == 1


def test_nothing_of_memory_is_worked_out_for_parameters() -> None:
    report = cnncalc.load("alexnet").report()
    assert report.totals.params == 62_378_344
    assert not {"moments", "kept", "training"} & set(vars(report.totals.memory))
    assert "layers" not in vars(report)


@pytest.mark.parametrize("question", ["params", "shapes", "flops"])
def test_tables_work_out_no_field_and_no_memory_that_they_do_not_show(
    question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise AssertionError("nothing shows this")

    monkeypatch.setattr(receptive, "receptive_fields", refuse)
    monkeypatch.setattr(Memory, "moments", property(refuse))
    monkeypatch.setattr(Memory, "training", property(refuse))
    report = cnncalc.load("resnet50").report()
    assert table(report, question).rows
    assert data_table(report, question).rows
    with pytest.raises(AssertionError, match="nothing shows this"):
        table(report, "receptive")
    with pytest.raises(AssertionError, match="nothing shows this"):
        table(report, "memory")
