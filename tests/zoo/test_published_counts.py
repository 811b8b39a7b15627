"""The parameters of networks as others publish them: torchvision 0.28 in the metadata of its weights, and Keras."""

from __future__ import annotations

import pytest

import cnncalc

PUBLISHED = {
    "convnext_tiny": 28_589_128,
    "convnext_small": 50_223_688,
    "convnext_base": 88_591_464,
    "convnext_large": 197_767_336,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
    "efficientnet_v2_s": 21_458_488,
    "efficientnet_v2_m": 54_139_356,
    "efficientnet_v2_l": 118_515_272,
    "mnasnet0_5": 2_218_512,
    "mnasnet0_75": 3_170_208,
    "mnasnet1_0": 4_383_312,
    "mnasnet1_3": 6_282_256,
    "mobilenet_v3_large": 5_483_032,
    "mobilenet_v3_small": 2_542_856,
    "regnet_x_400mf": 5_495_976,
    "regnet_x_800mf": 7_259_656,
    "regnet_x_1_6gf": 9_190_136,
    "regnet_x_3_2gf": 15_296_552,
    "regnet_x_8gf": 39_572_648,
    "regnet_x_16gf": 54_278_536,
    "regnet_x_32gf": 107_811_560,
    "regnet_y_400mf": 4_344_144,
    "regnet_y_800mf": 6_432_512,
    "regnet_y_1_6gf": 11_202_430,
    "regnet_y_3_2gf": 19_436_338,
    "regnet_y_8gf": 39_381_472,
    "regnet_y_16gf": 83_590_140,
    "regnet_y_32gf": 145_046_770,
    "regnet_y_128gf": 644_812_894,
    "resnet34": 21_797_672,
    "resnext101_32x8d": 88_791_336,
    "resnext101_64x4d": 83_455_272,
    "shufflenet_v2_x0_5": 1_366_792,
    "shufflenet_v2_x1_0": 2_278_604,
    "shufflenet_v2_x1_5": 3_503_624,
    "shufflenet_v2_x2_0": 7_393_996,
    "squeezenet1_1": 1_235_496,
    "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848,
    "vgg13_bn": 133_053_736,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240,
    "vgg19_bn": 143_678_248,
    "wide_resnet101_2": 126_886_696,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_that_torchvision_publishes(name: str) -> None:
    assert cnncalc.load(f"torchvision/{name}").report().totals.params == PUBLISHED[name]


def test_u_net_has_the_layers_and_the_sizes_of_its_figure() -> None:
    """Ronneberger et al. 2015, section 2 counts 23 convolutional layers, up-convolutions among them."""
    rows = cnncalc.load("unet").report().rows
    assert sum(row.op in ("conv", "conv_transpose") for row in rows) == 23
    assert [row.output for row in rows if row.op == "crop"] == [
        (56, 56, 512), (104, 104, 256), (200, 200, 128), (392, 392, 64),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "count"),  # with the running statistics, as count_params gives them
    [
        ("mobilenet", 4_253_864),
        ("xception", 22_910_480),
        ("keras/resnet_50", 25_636_712),
        ("keras/resnet_101", 44_707_176),
        ("keras/resnet_152", 60_419_944),
        ("keras/resnet_v2_50", 25_613_800),
        ("keras/resnet_v2_101", 44_675_560),
        ("keras/resnet_v2_152", 60_380_648),
    ],
)
def test_parameters_are_those_that_keras_counts(name: str, count: int) -> None:
    assert cnncalc.load(name).report(convention="keras").totals.counted_params == count
