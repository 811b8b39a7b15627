"""Pictures: every row in one box, every number looked up by its path, no two texts over each other, in each style."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browser import ask, blank, needs_browser
from extent import allowed, sample, tries
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc.cli import main
from cnncalc.draw import MAX_DEFAULT_BOXES, draw, picture
from cnncalc.draw.font import text_width
from cnncalc.draw.outline import SCOPE, LayerBox, Level, outline
from cnncalc.draw.picture import Picture, Polyline
from cnncalc.draw.structure import Parallel, Run, Series, structure
from cnncalc.draw.theme import FAMILIES, THEMES
from cnncalc.draw.words import word
from cnncalc.ops import OPS
from cnncalc.page import html_page
from cnncalc.report.analysis import Report, Row, fold

SPECS = Path(__file__).parent / "specs"
STYLES = ("blocks", "volumes", "graph")
SVG = "{http://www.w3.org/2000/svg}"


@cache
def loaded(name: str) -> Report:
    return cnncalc.load(SPECS / "unet.yaml" if name == "unet" else name).report()


def depths(name: str) -> range:
    return range(1, max(row.name.count("/") for row in loaded(name).rows) + 2)


NETWORKS = (*cnncalc.networks(), "unet")
DRAWN = [
    pytest.param(name, depth, id=f"{name}-{depth}")
    for name in sample(NETWORKS, 5, always=("googlenet", "unet"))
    for depth in depths(name)
]


@lru_cache(maxsize=100)
def pictures(name: str, depth: int) -> tuple[Picture, ...]:
    """The picture in each style, one of them in Korean."""
    report = loaded(name)
    return tuple(
        picture(report, style=style, depth=depth, lang=lang)
        for style, lang in (("blocks", "en"), ("volumes", "ko"), ("graph", "en"))
    )


def rows_at(name: str, depth: int) -> dict[str, Row]:
    report = loaded(name)
    return {row.name: row for row in fold(report.graph, report.rows, depth)}


# --- over the zoo, at every depth ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "depth"), DRAWN)
def test_every_row_is_in_exactly_one_box(name: str, depth: int) -> None:
    report = loaded(name)
    root = ElementTree.fromstring(draw(report, depth=depth))
    groups = root.findall(f".//{SVG}g[@data-rows]")
    drawn = Counter(row for group in groups for row in group.attrib["data-rows"].split())
    assert drawn == Counter(rows_at(name, depth).keys())
    assert all(group.attrib["data-path"] in group.attrib["data-rows"].split() for group in groups)


@pytest.mark.parametrize(("name", "depth"), DRAWN)
def test_every_number_in_a_box_is_that_of_its_path(name: str, depth: int) -> None:
    """The shapes are those of the report, the numbers of a label those of the layer's own fields, and of all rows
    that the box repeats."""
    net = loaded(name)
    rows = rows_at(name, depth)
    nodes = {node.name: node for node in net.graph.nodes}
    for shown in pictures(name, depth):
        for box in shown.boxes:
            shape = "×".join(map(str, rows[box.path].output))
            texts = [text.text for text in box.texts]
            if shape in texts:
                texts.remove(shape)
            else:
                assert texts in (["+"], ["×"])
            fields = vars(nodes[box.path].op).values() if box.path in nodes else ()
            allowed = set(
                re.findall(
                    r"\d+", f"{list(fields)} {box.path.rpartition('/')[2]} {rows[box.path].op}"
                )
            )
            count = sum(rows[row].op == rows[box.path].op for row in box.rows)
            for text in texts:
                times = re.search(r" ×(\d+)$", text)
                assert times is None or count % int(times[1]) == 0
                numbers = re.findall(r"\d+", re.sub(r" ×\d+$", "", text))
                assert set(numbers) <= allowed, (box.path, text)


@pytest.mark.parametrize(("name", "depth"), DRAWN)
def test_no_two_texts_overlap_and_all_are_on_the_page(name: str, depth: int) -> None:
    for shown in pictures(name, depth):
        extents = sorted((text.extent, text.text) for text in shown.texts)
        for (left, top, right, bottom), text in extents:
            assert 0 <= left <= right <= shown.width, text
            assert 0 <= top <= bottom <= shown.height, text
        assert not list(overlapping(extents))


def overlapping(
    extents: list[tuple[tuple[float, float, float, float], str]],
) -> Iterator[tuple[str, str]]:
    """The pairs of texts that share an area; the extents are sorted by their left edges."""
    for place, ((_, top, right, bottom), text) in enumerate(extents):
        for (left, other_top, _, other_bottom), other in extents[place + 1 :]:
            if left >= right - 0.01:
                break
            if top < other_bottom - 0.01 and other_top < bottom - 0.01:
                yield text, other


@pytest.mark.parametrize(("name", "depth"), DRAWN)
def test_no_line_crosses_a_text_or_runs_off_the_page(name: str, depth: int) -> None:
    """Lines are level or upright; one that touches a text's box by less than a pixel is beside it."""
    for shown in pictures(name, depth):
        texts = [text.extent for text in shown.texts if text.role != "sign"]
        for line in (mark for mark in shown.marks if isinstance(mark, Polyline)):
            for (ax, ay), (bx, by) in pairwise(line.points):
                assert 0 <= min(ax, bx) <= max(ax, bx) <= shown.width
                assert 0 <= min(ay, by) <= max(ay, by) <= shown.height
                for left, top, right, bottom in texts:
                    across = min(ax, bx) < right - 1 and max(ax, bx) > left + 1
                    assert not (across and min(ay, by) < bottom - 1 and max(ay, by) > top + 1)


@pytest.mark.parametrize("name", sample(NETWORKS, 20))
def test_each_network_is_drawn_in_a_moment_as_deep_as_is_readable(name: str) -> None:
    report = loaded(name)
    start = time.process_time()
    shown = picture(report)
    assert time.process_time() - start < allowed(3)
    flat = len(picture(report, depth=1).boxes)
    assert len(shown.boxes) <= max(MAX_DEFAULT_BOXES, flat)


# --- structure: the form that a wiring has ---------------------------------------------------------------------------


def structured(text: str) -> Series:
    net = cnncalc.loads(text)
    return structure(outline(net.graph, net.report().rows))


def kinds(series: Series) -> list[str]:
    names = {LayerBox: "box", Level: "scope", Parallel: "branches", Run: "run"}
    return [names[type(part)] for part in series.parts]


def test_a_residual_is_one_branch_beside_a_straight_line() -> None:
    series = structured(
        "input: 8x8x4\nlayers: [{residual: [{conv: {filters: 4, kernel: 3, pad: 1}}]}, relu]"
    )
    assert kinds(series) == ["box", "branches", "box"]
    _, branches, end = series.parts
    assert isinstance(branches, Parallel)
    assert (branches.straight, len(branches.branches)) == (True, 1)
    assert isinstance(end, LayerBox)
    assert end.rows == ("add1", "relu1")


def test_what_an_early_layer_gives_to_two_later_ones_is_taken_apart() -> None:
    """b and c follow a; d takes b and c; a is also added at the end: two cuts within."""
    series = structured(
        "input: 8x8x4\nlayers:\n- conv: {name: a, filters: 4, kernel: 1}\n- conv: {name: b, filters: 4, kernel: 1}\n"
        "- conv: {name: c, filters: 4, kernel: 1, from: a}\n- add: {name: d, from: [b, c]}\n- add: {from: [a, d]}\n"
    )
    assert kinds(series) == ["box", "box", "branches", "box"]
    outer = series.parts[2]
    assert isinstance(outer, Parallel)
    assert outer.straight
    assert kinds(outer.branches[0]) == ["branches", "box"]


def dense(names: str) -> str:
    """Layers that each read all before them, as other tools' files have a dense block, and what joins them."""
    lines = "input: 8x8x4\nlayers:\n"
    for place, name in enumerate(names):
        sources = ", ".join(("input", *names[:place]))
        lines += f"- concat: {{name: {name}_in, from: [{sources}]}}\n" if place else ""
        lines += f"- conv: {{name: {name}, filters: 4, kernel: 1}}\n"
    return lines + f"- concat: {{from: [input, {', '.join(names)}]}}\n"


def test_a_dense_block_without_blocks_has_one_rail() -> None:
    """Of six layers and the five concats before them; with a rail for each source there would be six."""
    shown = picture(cnncalc.loads(dense("abcdef")).report(), style="graph")
    skips = [
        line.points for line in shown.marks if isinstance(line, Polyline) and line.role == "skip"
    ]
    level = {a[1] for points in skips for a, b in pairwise(points) if a[1] == b[1]}
    assert len(level) == 2, "the rail, and the arc of what goes on untouched"


def test_a_side_output_hangs_below_the_layer_that_it_starts_from() -> None:
    series = structured(
        "input: 8x8x4\nlayers:\n- conv: {filters: 4, kernel: 1}\n- side: [{fc: 2}, {fc: 3}]\n"
        "- conv: {filters: 4, kernel: 1}\n"
    )
    assert kinds(series) == ["box", "box", "box"]
    ((place, hanging),) = series.hanging
    assert place == 1
    assert kinds(hanging) == ["scope"]


def test_equal_blocks_are_one_box_that_says_how_often() -> None:
    report = loaded("resnet34")
    shown = picture(report, depth=2)
    boxes = {box.path: box for box in shown.boxes}
    assert boxes["conv4_x/basic2"].rows == tuple(f"conv4_x/basic{place}" for place in range(2, 7))
    assert boxes["conv4_x/basic2"].texts[0].text == "basic2 ×5"


def test_several_inputs_are_named_and_nothing_leads_into_them() -> None:
    net = cnncalc.loads(
        "input: {image: 32x32x3, mask: 32x32x1}\nlayers:\n- conv: {name: a, filters: 4, kernel: 3, from: image}\n"
        "- conv: {name: b, filters: 4, kernel: 3, from: mask}\n- add: {from: [a, b]}\n- fc: 2\n"
    )
    shown = picture(net.report())
    boxes = {box.path: box for box in shown.boxes}
    assert [boxes[name].texts[0].text for name in ("image", "mask")] == ["image", "mask"]
    for name in ("image", "mask"):
        left = boxes[name].x + boxes[name].width / 2
        ends = [
            line.points[-1] for line in shown.marks if isinstance(line, Polyline) and line.arrow
        ]
        assert all(x > left for x, _ in ends)


def test_what_is_unknown_is_the_least_that_it_can_be() -> None:
    """An op that nothing is known of, as a model file may have it."""
    net = cnncalc.loads(
        "input: 8x8x4\nlayers:\n- conv: {filters: 4, kernel: 1}\n- opaque: {output: 8x8x4}\n"
    )
    node = net.graph.nodes[2]
    strange = OPS["unknown"](
        2, {**vars(node.op), "of": "com.acme:Foo", "params": None, "macs": None}
    )
    graph = net.graph._replace(nodes=(*net.graph.nodes[:2], node._replace(op=strange)))
    report = net.report()._replace(graph=graph)
    assert "≥ 1,024 multiply-accumulates" in picture(report).description
    assert "com.acme:Foo" in [text.text for text in picture(report).texts]
    assert "<td data-total=macs>≥ 1,024" in html_page([report])


def test_a_skip_of_another_order_is_drawn_whole() -> None:
    """Neither rows nor branches: b and c cross. Every row is drawn all the same."""
    net = cnncalc.loads(
        "input: 8x8x4\nlayers:\n- conv: {name: a, filters: 4, kernel: 1}\n- conv: {name: b, filters: 4, kernel: 1}\n"
        "- add: {name: c, from: [a, b]}\n- add: {name: d, from: [b, c]}\n- add: {name: e, from: [c, d]}\n"
    )
    shown = picture(net.report(), style="graph")
    assert {row for box in shown.boxes for row in box.rows} == {"input", *"abcde"}


@st.composite
def wirings(draw_from: st.DrawFn) -> str:
    """A network whose layers read any layers before them: convolutions of one, sums of several, some in blocks."""
    lines = [
        "input: 8x8x4",
        "blocks: {pair: {params: {}, layers: [conv: {filters: 4, kernel: 1}, relu]}}",
        "layers:",
    ]
    names = ["input"]
    for place in range(draw_from(st.integers(1, 14))):
        sources = draw_from(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
        kind = "add" if len(sources) > 1 else draw_from(st.sampled_from(["conv", "pair", "relu"]))
        fields = {"conv": "filters: 4, kernel: 1, "}.get(kind, "")
        given = sources[0] if len(sources) == 1 else f"[{', '.join(sources)}]"
        lines.append(f"- {kind}: {{name: n{place}, {fields}from: {given}}}")
        names.append(f"n{place}")
    return "\n".join(lines)


@given(wirings(), st.sampled_from(STYLES), st.integers(1, 2))
@settings(max_examples=tries(37, 150), deadline=None)
def test_any_wiring_is_drawn_whole(text: str, style: str, depth: int) -> None:
    """Every row once and no text over another, whatever the form."""
    report = cnncalc.loads(text).report()
    shown = picture(report, style=style, depth=depth)
    rows = [row.name for row in fold(report.graph, report.rows, depth)]
    assert Counter(row for box in shown.boxes for row in box.rows) == Counter(rows)
    assert not list(overlapping(sorted((text.extent, text.text) for text in shown.texts)))


# --- the text of a picture -------------------------------------------------------------------------------------------


def test_labels_are_those_of_the_lectures() -> None:
    report = loaded("alexnet")
    texts = [text.text for text in picture(report).texts]
    for label in (
        "11×11 conv, 96, /4",
        "3×3 max pool, /2",
        "3×3 conv, 384",
        "fc, 4096",
        "55×55×96",
    ):
        assert label in texts
    report = loaded("torchvision/mobilenet_v2")
    assert "3×3 depthwise conv, 96, /2" in [text.text for text in picture(report).texts]


def test_korean_labels_have_the_same_numbers() -> None:
    report = loaded("alexnet")
    texts = [text.text for text in picture(report, lang="ko").texts]
    assert "11×11 합성곱, 96, /4" in texts
    assert "완전 연결, 4096" in texts


def test_the_widths_of_hangul_are_full() -> None:
    assert text_width("합성곱", 10) == 30
    assert text_width("il", 10) < text_width("mw", 10)


HOSTILE = "<script>alert(1)</script>\"'& \x1b[31m\u202egnp\n]]>"


def test_hostile_titles_are_text() -> None:
    net = cnncalc.loads("title: x\ninput: 8x8x1\nlayers: [{conv: {filters: 2, kernel: 3}}]")
    report = net.report()._replace(title=HOSTILE)
    svg = draw(report)
    root = ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", svg)
    title = root.find(f"{SVG}title")
    assert title is not None
    assert (title.text or "").startswith("<script>alert(1)</script>\"'&")


def test_hostile_names_are_text() -> None:
    net = cnncalc.loads("input: 8x8x1\nlayers: [{conv: {name: odd, filters: 2, kernel: 3}}]")
    nodes = tuple(
        node._replace(name=HOSTILE) if node.name == "odd" else node for node in net.graph.nodes
    )
    graph = net.graph._replace(nodes=nodes)
    for style in STYLES:
        root = ElementTree.fromstring(draw(net.report()._replace(graph=graph), style=style))
        assert not root.findall(f".//{SVG}script")
        groups = root.findall(f".//{SVG}g[@data-rows]")
        assert [len(group.attrib["data-rows"].split()) for group in groups] == [1, 1]


def test_a_picture_says_what_it_shows_to_who_cannot_see_it() -> None:
    report = loaded("vgg16")
    root = ElementTree.fromstring(draw(report))
    assert root.findtext(f"{SVG}title") == "VGG-16 (configuration D)"
    assert "138,357,544 parameters" in (root.findtext(f"{SVG}desc") or "")
    assert root.attrib["role"] == "img"


def test_every_op_has_a_colour_and_a_word() -> None:
    assert {op.family for op in OPS.values()} | {SCOPE, "input"} == set(FAMILIES)
    for theme in THEMES:
        assert set(FAMILIES) <= set(THEMES[theme])
    for kind in OPS:
        assert "_" not in word(kind, "en"), kind
        assert word(kind, "ko")


def lightness(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((lightness(one), lightness(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_texts_stand_out_and_families_differ_in_grey(theme: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours["soft"], colours["page"]) >= 4.5
    assert contrast(colours["soft"], colours["frame"]) >= 4.5
    assert all(contrast(colours["ink"], colours[family]) >= 4.5 for family in FAMILIES)
    main = sorted(lightness(colours[family]) for family in ("conv", "pool", "input"))
    assert all(above - below > 0.02 for below, above in pairwise(main))


# --- the command -----------------------------------------------------------------------------------------------------


def test_draw_writes_svg_to_a_file_and_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.svg"
    assert main(["draw", "lenet5", "-o", str(file)]) == 0
    assert main(["draw", "lenet5", "-o", "-"]) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--style", "blok"], "did you mean 'blocks'?"),
        (["--theme", "grey"], "--theme"),
        (["--lang", "fr"], "--lang"),
        (["--depth", "0"], "--depth"),
        (["-o", "net.gif"], "use one of .svg, .png, .pdf"),
    ],
)
def test_wrong_options_are_refused(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", "lenet5", *given]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_png_and_pdf_are_made_with_the_extra(ending: str, start: bytes, tmp_path: Path) -> None:
    pytest.importorskip({".png": "resvg_py", ".pdf": "svg2pdf_py"}[ending])
    file = tmp_path / f"net{ending}"
    assert main(["draw", "lenet5", "-o", str(file)]) == 0
    assert file.read_bytes().startswith(start)


# --- in a browser ----------------------------------------------------------------------------------------------------

MEASURE = """
const texts = [...document.querySelectorAll("svg text")].map(text => {
  const box = text.getBoundingClientRect();
  const [y, size] = ["y", "font-size"].map(name => Number(text.getAttribute(name)));
  return {text: text.textContent, left: box.left, right: box.right, top: y - 0.88 * size, bottom: y + 0.22 * size,
          width: text.getComputedTextLength(), size};
});
const over = [];
for (const [place, a] of texts.entries())
  for (const b of texts.slice(place + 1))
    if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      over.push([a.text, b.text]);
return {over, texts};
"""
"""Widths as the browser draws them; heights of the ink, since the lines of Korean fonts are half as high again."""


@needs_browser
@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", ["googlenet", "torchvision/mobilenet_v2", "unet", "se_resnet50"])
def test_no_texts_overlap_in_a_browser(name: str, lang: str) -> None:
    report = loaded(name)
    answer = ask(blank(draw(report, lang=lang, depth=3)), MEASURE)
    assert answer["over"] == []
    for text in answer["texts"]:
        assert text["width"] <= text_width(text["text"], text["size"]) * 1.02, text
