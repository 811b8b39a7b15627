"""Transformers as specs, beside the numbers that torchvision publishes of its own."""

from __future__ import annotations

import pytest

import cnncalc

VIT = """
name: vit_b_16
input: 224x224x3
layers:
  - conv: {filters: 768, kernel: 16, stride: 16}
  - reshape: {name: patches, shape: 196x768}
  - parameter: {name: token, shape: 1x768}
  - concat: {from: [token, patches], axis: length}
  - affine: {gamma: false, per: element}
  - repeat:
      times: 12
      layers:
        - residual: [layernorm, attention: {heads: 12}]
        - residual: [layernorm, linear: 3072, gelu, linear: 768]
  - layernorm
  - slice: {positions: [0, 1]}
  - flatten
  - fc: 1000
"""
SWIN = """
name: swin_t
input: 224x224x3
blocks:
  swin_block:
    params: {heads: , shift: 0}
    layers:
      - residual:
          - layernorm
          - attention: {heads: heads, window_size: 7, shift: shift, relative: true}
      - residual: [layernorm, linear: 4 * channels, gelu, linear: channels // 4]
  merging:
    layers: [pixel_unshuffle: 2, layernorm, linear: {units: channels // 2, bias: false}]
layers:
  - conv: {filters: 96, kernel: 4, stride: 4}
  - layernorm
  - swin_block: {heads: 3}
  - swin_block: {heads: 3, shift: 3}
  - merging
  - swin_block: {heads: 6}
  - swin_block: {heads: 6, shift: 3}
  - merging
  - repeat: {times: 3, layers: [swin_block: {heads: 12}, swin_block: {heads: 12, shift: 3}]}
  - merging
  - swin_block: {heads: 24}
  - swin_block: {heads: 24}
  - layernorm
  - globalavgpool
  - fc: 1000
"""


@pytest.mark.parametrize(
    ("text", "params", "gflops"), [(VIT, 86_567_656, 17.564), (SWIN, 28_288_354, 4.491)]
)
def test_parameters_and_operations_are_those_that_are_published(
    text: str, params: int, gflops: float
) -> None:
    """From the tables of torchvision's weights: ViT_B_16_Weights and Swin_T_Weights, IMAGENET1K_V1."""
    totals = cnncalc.loads(text).report().totals
    assert totals.params == params
    assert round(totals.macs / 10**9, 3) == gflops


def test_a_token_sees_nothing_and_a_window_sees_itself() -> None:
    rows = {row.name: row for row in cnncalc.loads(VIT).report().rows}
    assert rows["token"].receptive_field == (0, 0)
    assert (rows["token"].inputs, rows["token"].input) == ((), ())
    assert rows["attention1"].receptive_field == (224, 224)
    rows = {row.name: row for row in cnncalc.loads(SWIN).report().rows}
    assert rows["swin_block1/attention1"].receptive_field == (7 * 4, 7 * 4)
    assert rows["swin_block2/attention1"].receptive_field == (14 * 4, 14 * 4)


def test_a_learned_array_is_in_no_pass() -> None:
    """The peak is that of x, x twice as long; the array is among the parameters alone."""
    text = "input: 3x8\nlayers: [parameter: {name: p, shape: 3x8}, add: {from: [input, p]}]"
    totals = cnncalc.loads(text).report().totals
    assert totals.peak_bytes == 2 * 24 * 4
    assert totals.training_bytes == 2 * 24 * 4


def test_the_shape_of_a_learned_array_may_use_what_arrives() -> None:
    text = """
input: 7x5x3
layers:
  - parameter: {name: column, shape: [in_height, 1, channels]}
  - add: {from: [input, column], broadcast: true}
"""
    assert cnncalc.loads(text).report().rows[1].output == (7, 1, 3)
