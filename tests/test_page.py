"""The HTML page, opened in a browser: the script counts as Python does, and what people do to the page works."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import tempfile
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from browser import CHROMIUM, OPTIONS, ask, needs_browser

import cnncalc
from cnncalc.cli import main
from cnncalc.compare.depth import weighted_depth
from cnncalc.page import html_page
from cnncalc.report.analysis import fold
from cnncalc.report.conventions import conventions, read_convention
from cnncalc.text.numbers import format_number
from cnncalc.text.source import Source

ODD = """
title: Everything that a convention may count
input: 16x16x8
layers:
  - conv: {name: stem, filters: 16, kernel: 3, pad: 1, groups: 4, tags: [functional]}
  - {relu6: {tags: [functional]}}
  - groupnorm: 4
  - prelu: {shared: false}
  - lrn
  - conv_transpose: {filters: 8, kernel: 4, stride: 2, pad: 1, groups: 2}
  - layernorm: {affine: false}
  - gelu
  - upsample: {scale: 2, mode: bilinear}
  - avgpool: 2
  - adaptiveavgpool: {size: 5, tags: [functional]}
  - side: {name: aux, layers: [{fc: 4}, softmax]}
  - conv: {name: again, filters: 8, kernel: 1}
  - conv: {filters: 8, kernel: 1, share: again}
  - globalavgpool: {tags: [mean]}
  - fc: 10
  - softmax
"""


def network(name: str) -> cnncalc.Network:
    return cnncalc.loads(ODD) if name == "odd" else cnncalc.load(name)


@cache
def page(*names: str, lang: str = "en") -> str:
    return html_page([network(name).report() for name in names], lang)


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_deepest_network_fits_into_200_kilobytes() -> None:
    for lang in ("en", "ko"):
        assert len(page("resnet152", lang=lang).encode("utf-8")) <= 200_000


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the content of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "script":
            self.scripts.append(data)


def test_nothing_is_loaded_from_elsewhere() -> None:
    elements = Elements(page("alexnet", "vgg16"))
    for tag, attributes in elements.found:
        assert tag not in ("link", "img", "iframe", "object", "embed", "form-action")
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    style = re.search("<style>(.*?)</style>", page("alexnet"), re.DOTALL)
    assert style is not None
    assert not re.search(r"url\(|@import", style[1])


def test_the_policy_lets_this_script_run_and_no_other() -> None:
    elements = Elements(page("lenet5"))
    policy = next(a["content"] for tag, a in elements.found if a.get("http-equiv"))
    script = elements.scripts[-1]
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def test_without_its_script_the_page_has_the_table_and_the_charts() -> None:
    text = re.sub("<script.*?</script>", "", page("alexnet"), flags=re.DOTALL)
    assert (
        "<tr data-l=1><th>conv1<td>conv<td>55×55×96<td>34,944<td>105,415,200<td>210,830,400" in text
    )
    assert "<td data-total=params>62,378,344" in text
    assert text.count('<svg class="chart"') == 7


def test_the_page_is_korean_where_that_is_asked_for() -> None:
    text = page("lenet5", lang="ko")
    assert '<html lang="ko">' in text
    for word in ("세는 규칙", "파라미터", "수용 영역", "합성곱", "최대"):
        assert word in text


def test_what_a_click_shows_is_in_the_pages_language() -> None:
    assert "a value has 4 bytes in float32" in page("lenet5")
    korean = page("lenet5", lang="ko")
    assert "a value has" not in korean
    assert "float32의 값 하나는 4" in korean
    assert '"output height"' not in korean


def test_memory_over_time_has_its_peak_where_the_report_has_it() -> None:
    totals = network("googlenet").report().totals
    shown = f"peak {format_number(totals.peak_bytes, 'MiB')} at lrn2"
    assert network("googlenet").graph.nodes[totals.memory.peak_moment.place].name == "lrn2"
    assert page("googlenet").count(f">{shown}</text>") == 1


@pytest.mark.parametrize(
    ("name", "depth"),
    [("lenet5", 4), ("alexnet", 8), ("vgg16", 16), ("googlenet", 22), ("resnet34", 34), ("resnet152", 152),
     ("densenet121", 121)],
)  # fmt: skip
def test_depth_is_what_the_papers_call_it(name: str, depth: int) -> None:
    """The names of VGG, ResNet and DenseNet; "22 layers deep" of GoogLeNet; LeNet-5's output here has no weights."""
    assert weighted_depth(network(name).graph) == depth


# --- in a browser ----------------------------------------------------------------------------------------------------

COUNT = """
const select = document.getElementById("convention");
const answer = {};
for (const option of select.options) {
  select.value = option.value;
  select.dispatchEvent(new Event("change"));
  answer[option.value] = [...document.querySelectorAll(".network")].map(section => ({
    header: section.querySelector("[data-header=ops]").textContent,
    layers: [...section.querySelectorAll("tbody tr[data-l]:not(.scope)")].map(tr =>
      [tr.cells[3].textContent, tr.cells[5].textContent]),
    scopes: [...section.querySelectorAll("tr.scope[data-l='1']")].map(tr =>
      [tr.cells[0].textContent, tr.cells[3].textContent, tr.cells[5].textContent]),
    totals: ["params", "ops"].map(name => section.querySelector(`tfoot [data-total=${name}]`).textContent),
  }));
}
return answer;
"""
COUNTED = (
    "odd",
    "googlenet",
    "lenet5",
    "torchvision/mobilenet_v2",
    "torchvision/googlenet",
    "se_resnet50",
)


@needs_browser
def test_the_page_counts_by_every_convention_as_python_does() -> None:
    answer = ask(page(*COUNTED), COUNT)
    assert list(answer) == [convention.name for convention in conventions()]
    for convention, sections in answer.items():
        for name, section in zip(COUNTED, sections, strict=True):
            net = network(name)
            report = net.report(convention=convention)
            expected = [[f"{row.counted_params:,}", f"{row.ops:,}"] for row in report.rows]
            assert section["layers"] == expected, (convention, name)
            totals = report.totals
            assert section["totals"] == [f"{totals.counted_params:,}", f"{totals.ops:,}"], (
                convention,
                name,
            )
            assert section["header"].split(" (")[0] == report.convention.unit
            folded = {row.name: row for row in fold(net.graph, report.rows, 1)}
            for scope, params, ops in section["scopes"]:
                row = folded[scope]
                assert [params, ops] == [f"{row.counted_params:,}", f"{row.ops:,}"], (
                    convention,
                    scope,
                )


CELLS = """
return [...document.querySelectorAll(".layers tbody tr")].map(tr => [...tr.cells].map(cell => cell.textContent.trim()));
"""


@needs_browser
def test_the_script_leaves_the_figures_that_python_wrote() -> None:
    """Under the convention that the page was written with: every cell of every line, those of blocks too."""
    text = page("odd", "googlenet", "densenet121")
    lines = re.findall(r"<tr data-l=[^>]*>(.*)", text)
    written = [re.sub("<td>", "\x00", line.removeprefix("<th>")).split("\x00") for line in lines]
    assert ask(text, CELLS) == [[unescape(cell) for cell in line] for line in written]


EXPRESSIONS = (
    "mac // 7 - 3 * window",
    "(window - 5) // 2",
    "(window - 9) % 4 + (5 - window) % 3",
    "min(mac, inputs, outputs) + max(weights, 3)",
    "weights if mac > 0 and not groups > 1 else 2 * inputs",
    "10 if groups >= 2 or biases == 0 else 20 if window != 9 else 30",
    "-(window // 2) + outputs * 6 / 2",
    "2 * (inputs + outputs) - (positions - 1) * 3",
)


@needs_browser
def test_the_page_evaluates_a_rule_as_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other people's conventions may say more than those that are shipped: signs, choices, quotients of negatives."""
    rules = tuple(
        read_convention(
            Source(f"rule{place}.yaml", f'{{title: t, unit: ops, operations: ["{text}"]}}'),
            f"rule{place}",
        )
        for place, text in enumerate(EXPRESSIONS)
    )
    for module in ("cnncalc.page.data", "cnncalc.page.page"):
        monkeypatch.setattr(f"{module}.conventions", lambda: rules)
    net = network("odd")
    answer = ask(html_page([net.report()]), COUNT)
    for rule in rules:
        expected = [f"{rule.operations_of(node):,}" for node in net.graph.nodes]
        assert [ops for _, ops in answer[rule.name][0]["layers"]] == expected, rule.operations[
            0
        ].text


SORT = """
const section = document.querySelector(".network");
const names = () => [...section.querySelectorAll("tbody tr[data-l='1']")].filter(tr => !tr.hidden)
  .map(tr => tr.cells[0].textContent);
const head = section.querySelectorAll(".layers thead th")[4];
const seen = [names()];
for (let times = 0; times < 3; times++) {
  head.querySelector("button").click();
  seen.push(names(), head.getAttribute("aria-sort"));
}
return seen;
"""


@needs_browser
def test_what_a_convention_is_is_said_in_the_pages_language() -> None:
    first, other, again = ask(
        page("lenet5", lang="ko"),
        """const select = document.getElementById("convention");
        const said = [document.getElementById("about").textContent];
        for (const name of ["thop", "standard"]) {
          select.value = name;
          select.dispatchEvent(new Event("change"));
          said.push(document.getElementById("about").textContent);
        }
        return said;""",
    )
    assert first == again != other
    for text in (first, other):
        assert re.fullmatch(r".*[가-힣].*; 쓰는 곳: .*; 출처: .*", text)


def test_a_click_on_a_head_sorts_down_then_up_then_not() -> None:
    before, down, is_down, up, is_up, after, is_after = ask(page("alexnet"), SORT)
    report = network("alexnet").report()
    rows = [row for row in report.rows if not row.quiet]
    assert before == after == [row.name for row in rows]
    assert down == [row.name for row in sorted(rows, key=lambda row: -row.macs)]
    assert up == [row.name for row in sorted(rows, key=lambda row: row.macs)]
    assert (is_down, is_up, is_after) == ("descending", "ascending", None)


FOLD = """
const section = document.querySelector(".network");
const rows = () => [...section.querySelectorAll("tbody tr[data-l]")].filter(tr => !tr.hidden)
  .map(tr => tr.cells[0].textContent);
const [fold, hide, search] = [".fold", ".hide", ".search"].map(name => section.querySelector(name));
const change = (field, value, name) => { if (field.type === "checkbox") field.checked = value; else field.value = value;
  field.dispatchEvent(new Event(name)); return rows(); };
const answer = {folded: rows(), open: change(fold, "", "change"), all: change(hide, false, "change")};
answer.searched = change(search, "INCEPTION_3A/c3", "input");
change(search, "", "input"); change(hide, true, "change"); change(fold, "1", "change");
const scope = [...section.querySelectorAll("tr.scope button")][0];
answer.before = scope.getAttribute("aria-expanded");
scope.click();
answer.after = scope.getAttribute("aria-expanded");
answer.one = rows();
return answer;
"""


@needs_browser
def test_blocks_fold_and_open_and_layers_are_hidden_and_found() -> None:
    answer = ask(page("googlenet"), FOLD)
    net = network("googlenet")
    report = net.report()
    flat = [row.name for row in fold(net.graph, report.rows, 1) if not row.quiet]
    assert answer["folded"] == flat
    scopes = sorted(net.graph.scopes)
    last = [row.name.rpartition("/")[2] for row in report.rows]
    assert len(answer["all"]) == len(last) + len(scopes)
    quiet = sum(row.quiet for row in report.rows)
    assert len(answer["open"]) == len(answer["all"]) - quiet
    assert answer["searched"] == ["inception_3a", "c3"]
    assert (answer["before"], answer["after"]) == ("false", "true")
    block = [row for row in report.rows if row.name.startswith("inception_3a/") and not row.quiet]
    inside = [row.name.rpartition("/")[2] for row in block]
    place = flat.index("inception_3a") + 1
    assert answer["one"] == [*flat[:place], *inside, *flat[place:]]


CLICK = """
const section = document.querySelector(".network"), dialog = document.getElementById("details");
const button = [...section.querySelectorAll("tbody button")].find(button => button.textContent === "conv2");
button.focus();
button.click();
const answer = {open: dialog.open, text: dialog.textContent, inside: dialog.contains(document.activeElement)};
dialog.querySelector("form button").click();
answer.closed = !dialog.open;
const box = section.querySelector('.box[data-path="conv2"]');
box.dispatchEvent(new MouseEvent("click", {bubbles: true}));
answer.fromDrawing = dialog.open && dialog.textContent === answer.text;
dialog.close();
answer.focusable = [...document.querySelectorAll("button, select, input")].every(field => field.tabIndex >= 0);
answer.buttons = [...section.querySelectorAll("tbody tr[data-l]")]
  .every(tr => tr.cells[0].firstChild.tagName === "BUTTON");
return answer;
"""


@needs_browser
def test_a_click_shows_how_a_layers_numbers_come_about() -> None:
    answer = ask(page("alexnet"), CLICK)
    assert answer["open"]
    assert answer["inside"]
    assert answer["closed"]
    assert answer["fromDrawing"]
    assert answer["focusable"]
    assert answer["buttons"]
    net = network("alexnet")
    for derived in net.explain("conv2"):
        if derived.quantity in ("output", "weights", "params", "macs"):
            for step in derived.steps:
                assert step.formula in answer["text"]
                assert step.result in answer["text"]
    assert "2·mac" in answer["text"]
    assert f"{net.report().row('conv2').ops:,}" in answer["text"]


COPY = """
const section = document.querySelector(".network"), dialog = document.getElementById("details");
const answer = {};
for (const button of section.querySelectorAll(".copy")) {
  button.click();
  await new Promise(done => setTimeout(done, 50));
  answer[button.dataset.style] = dialog.querySelector("textarea").value;
  dialog.close();
}
return answer;
"""


@needs_browser
def test_the_table_is_copied_as_csv_and_latex() -> None:
    answer = ask(page("googlenet"), COPY)
    net = network("googlenet")
    rows = [row for row in fold(net.graph, net.report().rows, 1) if not row.quiet]
    copied = list(csv.DictReader(StringIO(answer["csv"])))
    assert [(line["name"], line["op"], line["params"], line["macs"]) for line in copied] == [
        (row.name, row.op, str(row.params), str(row.macs)) for row in rows
    ]
    assert copied[1]["output"] == "112x112x64"
    assert r"conv2\_reduce & conv & 56$\times$56$\times$64 & 4,160" in answer["latex"]
    assert answer["latex"].count(r" \\") == len(rows) + 1


HOSTILE = "<script>window.hacked = 1</script>\"'&</script><!--\n=1+1"
NAMES = """
return {hacked: window.hacked === undefined ? 0 : 1, title: document.querySelector("h1").textContent,
  names: [...document.querySelectorAll("tbody tr[data-l] button")].map(button => button.textContent),
  scripts: document.querySelectorAll("script").length};
"""


@needs_browser
def test_hostile_names_are_shown_as_text() -> None:
    report = network("lenet5").report()
    nodes = list(report.graph.nodes)
    nodes[1] = nodes[1]._replace(name=HOSTILE)
    graph = report.graph._replace(nodes=tuple(nodes))
    text = html_page([report._replace(graph=graph, title=HOSTILE)])
    answer = ask(text, NAMES)
    assert answer["hacked"] == 0
    assert answer["title"] == HOSTILE.replace("\n", " ")
    assert HOSTILE.replace("\n", " ").rpartition("/")[2] in "".join(answer["names"])
    assert answer["scripts"] == Elements(page("lenet5")).found.count(("script", {})) + 1 + 2


WIDE = "return [document.documentElement.scrollWidth, window.innerWidth];"


@needs_browser
@pytest.mark.parametrize("width", [500, 1280])
def test_the_page_fits_a_narrow_screen(width: int) -> None:
    wide, window = ask(page("googlenet"), WIDE, width=width)
    assert wide <= window


CHARTS = """
const over = [];
for (const chart of document.querySelectorAll("svg.chart")) {
  const texts = [...chart.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
  for (const [place, [name, a]] of texts.entries())
    for (const [other, b] of texts.slice(place + 1))
      if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
        over.push([name, other]);
}
return over;
"""


@needs_browser
def test_no_texts_of_a_chart_overlap() -> None:
    assert ask(page("googlenet", "vgg16", "vgg19", "resnet50", "resnet101"), CHARTS) == []


RATIOS = """
const select = document.getElementById("convention");
const read = () => [...document.querySelectorAll("[data-ratio=ops]")].map(cell => cell.textContent);
const answer = [read()];
select.value = "thop"; select.dispatchEvent(new Event("change")); answer.push(read());
return answer;
"""


@needs_browser
def test_ratios_follow_the_convention() -> None:
    names = ("torchvision/alexnet", "torchvision/mobilenet_v2")
    for shown, convention in zip(ask(page(*names), RATIOS), ("standard", "thop"), strict=True):
        first, second = (network(name).report(convention=convention).totals.ops for name in names)
        assert shown == ["1.00", f"{second / first:.2f}"]


@needs_browser
def test_the_script_runs_under_the_pages_own_policy() -> None:
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(page("lenet5"), encoding="utf-8")
        command = [
            CHROMIUM,
            *OPTIONS,
            f"--user-data-dir={folder}/profile",
            "--dump-dom",
            file.as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert '<html lang="en" class="js">' in done.stdout.decode("utf-8")


# --- the command -----------------------------------------------------------------------------------------------------


def test_report_writes_a_page_of_several_networks(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert main(["report", "lenet5", "alexnet", "--lang", "ko", "-o", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text.count('<section class="network"') == 2
    found = re.search('id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    assert len(json.loads(found[1])["nets"]) == 2


def test_an_unknown_network_or_language_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "lenet55"]) == 2
    assert main(["report", "lenet5", "--lang", "fr"]) == 2
    assert "lenet5" in capsys.readouterr().err
