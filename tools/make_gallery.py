"""The gallery: docs/gallery.md and the pictures in docs/gallery/.

python tools/make_gallery.py            # write them
python tools/make_gallery.py --check    # say which are stale; exit code 1 where one is
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cnncalc
from cnncalc.draw import draw
from cnncalc.page import comparison_picture

DOCS = Path(__file__).parent.parent / "docs"
GENERATOR = "tools/make_gallery.py"


class Exhibit(NamedTuple):
    """One picture: its file, its heading and a sentence, the network or the spec's text, and options of `draw`."""

    file: str
    title: str
    text: str
    net: str
    settings: dict[str, Any] = {}  # noqa: RUF012
    options: dict[str, Any] = {}  # noqa: RUF012


def module(title: str, shape: str, layer: str) -> str:
    """Give the spec of one block by itself."""
    return f'name: module\ntitle: "{title}"\ninput: {shape}\nlayers:\n  - {layer}\n'


EXHIBITS = (
    Exhibit(
        "lenet5",
        "LeNet-5",
        "Feature maps in perspective, as in the paper's figure.",
        "lenet5",
        options={"style": "volumes"},
    ),
    Exhibit(
        "alexnet",
        "AlexNet",
        "Feature maps in perspective.",
        "alexnet",
        options={"style": "volumes"},
    ),
    Exhibit("vgg16", "VGG-16", "A long row turns back at the page's width.", "vgg16"),
    Exhibit(
        "inception",
        "An inception module",
        "Branches side by side, and what joins them.",
        module(
            "Inception module (3a of GoogLeNet)",
            "28x28x192",
            "inception: {name: inception_3a, c1: 64, r3: 96, c3: 128, r5: 16, c5: 32, pool: 32}",
        ),
    ),
    Exhibit(
        "googlenet",
        "GoogLeNet",
        "`--depth 1`: each module one box; side outputs hang below.",
        "googlenet",
        options={"depth": 1},
    ),
    Exhibit(
        "resnet34",
        "ResNet-34",
        "A residual is an arc; equal blocks are drawn once, with ×N.",
        "resnet34",
    ),
    Exhibit(
        "plain34",
        "Plain-34",
        "The same network without its shortcuts: `--set shortcut=none`.",
        "resnet34",
        {"shortcut": "none"},
    ),
    Exhibit(
        "bottleneck",
        "A bottleneck",
        "With a projection, since the shape changes.",
        module(
            "Bottleneck (first of conv3_x in ResNet-50)",
            "56x56x256",
            "bottleneck: {name: bottleneck, width: 128, stride: 2}",
        ),
    ),
    Exhibit(
        "dense_block",
        "A dense block",
        "All that came before goes on along one rail; each layer hangs below it.",
        "dense_block_k4",
    ),
    Exhibit(
        "se",
        "Squeeze and excitation",
        "In a bottleneck: the maps go straight on, their means below.",
        module(
            "Bottleneck with squeeze and excitation",
            "56x56x256",
            "bottleneck: {name: bottleneck, width: 64, reduction: 16}",
        ),
    ),
    Exhibit(
        "unet",
        "U-Net",
        "What skips the lower levels goes straight across.",
        "pix2pix_unet",
        options={"depth": 1},
    ),
    Exhibit(
        "mobilenet_v2",
        "MobileNetV2",
        "Narrow, wide, narrow: the width of a box is its depth.",
        "torchvision/mobilenet_v2",
    ),
    Exhibit(
        "shufflenet_v2",
        "ShuffleNet V2",
        "Half of the maps pass, half are worked on.",
        "torchvision/shufflenet_v2_x1_0",
    ),
    Exhibit(
        "convnext",
        "A ConvNeXt block",
        "A wide depthwise convolution, a narrow and a wide one, and a learned scale.",
        module(
            "ConvNeXt block",
            "56x56x96",
            "residual: {layers: [conv: {name: dw, filters: 96, kernel: 7, pad: 3, groups: 96}, layernorm, "
            "conv: {filters: 384, kernel: 1}, gelu, conv: {filters: 96, kernel: 1}, affine: {beta: false}]}",
        ),
    ),
    Exhibit(
        "graph",
        "Names in boxes",
        "`--style graph`, here in Korean and dark: `--lang ko --theme dark`.",
        "googlenet",
        options={"style": "graph", "lang": "ko", "theme": "dark"},
    ),
)


COMPARED = (
    "alexnet", "vgg16", "googlenet", "resnet50", "densenet121", "torchvision/mobilenet_v2",
    "torchvision/efficientnet_b0",
)  # fmt: skip
"""The networks of the plot."""


def picture_of(exhibit: Exhibit) -> str:
    """Give the SVG of an exhibit."""
    load = cnncalc.loads if "\n" in exhibit.net else cnncalc.load
    net = load(exhibit.net, set=exhibit.settings)
    report = net.report()
    if exhibit.settings:
        report = report._replace(title=exhibit.title)
    return draw(report, **exhibit.options) + "\n"


def page() -> str:
    """Give the page of the gallery."""
    lines = [
        f"<!-- Made by {GENERATOR}; change that, not this. -->",
        "",
        "# Gallery",
        "",
        "What [`cnncalc draw`](draw.md) makes. Width is depth, height is size; the label is the layer, below it its",
        "output.",
    ]
    for exhibit in EXHIBITS:
        alt = f"{exhibit.title}, drawn"
        lines += [
            "",
            f"## {exhibit.title}",
            "",
            exhibit.text,
            "",
            f"![{alt}](gallery/{exhibit.file}.svg)",
        ]
    lines += [
        "",
        "## Networks compared",
        "",
        "What `cnncalc compare NET... -o FILE.svg` makes: see [Comparing networks](compare.md).",
        "",
        "![Parameters against MACs, drawn](gallery/compared.svg)",
    ]
    return "\n".join(lines) + "\n"


def files() -> Iterator[tuple[Path, str]]:
    """Every file, and what is to stand in it."""
    yield DOCS / "gallery.md", page()
    for exhibit in EXHIBITS:
        yield DOCS / "gallery" / f"{exhibit.file}.svg", picture_of(exhibit)
    compared = comparison_picture([cnncalc.load(name).report() for name in COMPARED])
    yield DOCS / "gallery" / "compared.svg", compared + "\n"


def run(argv: list[str]) -> int:
    """Write the files, or say which are stale."""
    if argv not in ([], ["--check"]):
        print("usage: make_gallery.py [--check]", file=sys.stderr)
        return 2
    stale = 0
    for path, text in files():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if argv:
            print(f"{path.relative_to(DOCS.parent)} is stale; run {GENERATOR}", file=sys.stderr)
            stale = 1
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
