"""The text of a variant: a spec that makes that network alone, at the parameters that its source prints."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.spec.file import read_shipped
from cnncalc.spec.shipped import network_files
from cnncalc.spec.variant_text import own_text

PRINTED = {
    "torchvision/efficientnet_b3": 12_233_232,
    "torchvision/mnasnet_0_75": 3_170_208,
    "torchvision/regnet_y_400mf": 4_344_144,
    "torchvision/vgg19_bn": 143_678_248,
    "torchvision/shufflenet_v2_x0_5": 1_366_792,
}
"""As torchvision prints them."""


@pytest.mark.parametrize("name", PRINTED)
def test_a_variants_text_makes_that_network(name: str) -> None:
    spec = read_shipped(network_files()[name])
    net = cnncalc.loads(own_text(spec))
    assert (net.name, net.title) == (name, spec.title)
    assert net.report().totals.params == PRINTED[name]


def test_no_variant_and_no_claim_of_another_is_left() -> None:
    text = own_text(read_shipped(network_files()["torchvision/efficientnet_b3"]))
    assert "variants:" not in text
    assert "5288548" not in text
    assert "aliases: [efficientnet_b3]" in text


def test_a_network_of_its_own_keeps_its_text() -> None:
    shipped = network_files()["lenet5"]
    assert own_text(read_shipped(shipped)) == shipped.path.read_text(encoding="utf-8")


def test_values_keep_their_quotes_lists_and_the_comments_between() -> None:
    text = (
        "# before\nname: net\ninput: 8x8x1\n# of the parameters\nparams: {kind: 'a, b', sizes: [1, 2], n: }\n\n"
        "# the two\nvariants:\n  small: {n: 3}\n  large: {n: 9, sizes: [4, 5]}\n# what follows\nlayers: [relu]\n"
    )
    from cnncalc.spec.variant_text import variant_text
    from cnncalc.text.source import Source

    assert variant_text(Source("net.yaml", text), "large") == (
        "# before\nname: net_large\ninput: 8x8x1\n# of the parameters\n"
        'params:\n  kind: "a, b"\n  sizes: [4, 5]\n  n: 9\n\n# the two\n# what follows\nlayers: [relu]\n'
    )
