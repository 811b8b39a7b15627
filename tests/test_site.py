"""The playground as built by tools/build_site.py, on a local server, in Debian's Chromium.

A script that the server adds to the page does what a reader does, and sends what it saw back to the server.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import threading
import zipfile
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, OPTIONS
from built_site import BUILT, ROOT, SITE, needs_site

import cnncalc
from cnncalc.homework.grade import grade
from cnncalc.homework.questions import load_homework
from cnncalc.homework.report import STATUS
from cnncalc.homework.shared import shared_text
from cnncalc.homework.sheets.read import Answer
from cnncalc.homework.steps import steps
from cnncalc.page import html_page

pytestmark = needs_site

PATIENCE = 240
"""Seconds for a case, with the page's load held until it has said what it saw: busy machines are slow."""
BEFORE = """
const problems = [];
addEventListener("error", event => problems.push(String(event.message)));
addEventListener("unhandledrejection", event => problems.push(String(event.reason)));
addEventListener("securitypolicyviolation", event => problems.push(event.violatedDirective + " " + event.blockedURI));
for (const name of ["error", "warn"]) console[name] = (...given) => problems.push(given.join(" "));
"""
CASE = """
const by = id => document.getElementById(id);
const sleep = ms => new Promise(done => setTimeout(done, ms));
const until = async condition => { for (;;) { const value = condition(); if (value) return value; await sleep(10); } };
const frame = () => by("report")?.contentDocument;
const cells = row => [...row.cells].map(cell => cell.textContent);
const rows = () => [...frame().querySelectorAll(".layers tbody tr")].map(cells);
const total = () => frame()?.querySelector("[data-total=params]")?.textContent;
const body = () => frame().querySelector("[data-part=rows]").innerHTML;
const type = async spec => {
  by("text").value = spec;
  by("text").dispatchEvent(new Event("input"));
  by("status").textContent = "";
  await until(() => by("status").textContent);
};
const drop = (name, bytes, onto = window) => {
  const given = new DataTransfer();
  given.items.add(new File([bytes], name));
  onto.dispatchEvent(new DragEvent("drop", {dataTransfer: given, bubbles: true, cancelable: true}));
};
const answer = await (async () => { %s })().catch(error => { problems.push(String(error.stack)); return null; });
await fetch("/__answer", {method: "POST", body: JSON.stringify({answer, problems})});
"""
LOADED = "await until(total);"
PRACTICE = """
const lines = id => by(id).textContent;
const all = query => [...document.querySelectorAll(query)];
const opened = () => until(() => all("#questions > li").length);
const answer = (place, text) => {
  const field = all("#questions input")[place];
  field.value = text;
  field.dispatchEvent(new Event("input"));
};
const judged = async place => {
  by("score").textContent = "";
  all("#questions form")[place].requestSubmit();
  await until(() => by("score").textContent);
};
"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder; adds the case to its pages; once cut, answers nothing else."""

    server: Server

    def do_GET(self) -> None:
        """Serve a file, or one of the case's."""
        path = self.path.partition("?")[0]
        if path == "/__hold":
            self.server.said.wait(PATIENCE)
        extra = {"/__before.js": BEFORE, "/__case.js": self.server.case, "/__hold": ""}.get(path)
        if extra is not None:
            return self.reply(extra.encode("utf-8"), "text/javascript")
        if self.server.cut.is_set():
            self.close_connection = True
            return None
        if path == "/" or (path.endswith(".html") and not path.startswith("/report")):
            page = (SITE / (path[1:] or "index.html")).read_text(encoding="utf-8")
            page = page.replace("<title>", '<script src="/__before.js"></script><title>', 1)
            held = (
                '<script type="module" src="/__case.js"></script><img src="/__hold" alt=""></body>'
            )
            return self.reply(page.replace("</body>", held).encode("utf-8"), "text/html")
        if path.startswith("/__files/"):
            return self.reply(self.server.files[path[9:]], "application/octet-stream")
        return super().do_GET()

    def do_POST(self) -> None:
        """Take what the case says."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/__cut":
            self.server.cut.set()
        else:
            self.server.answer = json.loads(body)
        self.reply(b"", "text/plain")
        if self.path == "/__answer":
            self.server.said.set()

    def reply(self, body: bytes, kind: str) -> None:
        """Send a body."""
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """The site, with a case to run and room for its answer."""

    daemon_threads = True

    def __init__(self, script: str, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(SITE)))
        self.case = CASE % script
        self.files = files
        self.said = threading.Event()
        self.cut = threading.Event()
        self.answer: Any = None


@contextmanager
def served(script: str, files: dict[str, bytes]) -> Iterator[Server]:
    """Serve the site from a thread."""
    server = Server(script, files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.said.set()
        server.shutdown()
        server.server_close()


def visit(
    script: str,
    page: str = "",
    *,
    files: dict[str, bytes] | None = None,
    width: int = 1280,
    picture: Path | None = None,
) -> Any:
    """Open the playground, run a script in it, and return what it returns.

    Fails where the page has an error, or anything is asked of another server.
    """
    assert CHROMIUM is not None, "CNNCALC_BROWSERS promises chromium"
    assert BUILT, f"there is no site in {SITE}"
    with served(script, files or {}) as server, tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "net.json")
        address = f"http://127.0.0.1:{server.server_port}/"
        options = [option for option in OPTIONS if "virtual-time" not in option]
        shot = [f"--screenshot={picture}"] if picture else ["--dump-dom"]
        command = [
            CHROMIUM, *options, f"--user-data-dir={folder}/profile", f"--window-size={width},900",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--enable-logging=stderr", f"--log-net-log={log}", *shot, address + page,
        ]  # fmt: skip
        with open(Path(folder, "err"), "wb") as errors:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            assert server.said.wait(PATIENCE), Path(folder, "err").read_text(errors="replace")[
                -2000:
            ]
            process.wait(30)
        finally:
            process.kill()
            process.wait()
        said = Path(folder, "err").read_text(errors="replace")
        asked = requests(log.read_text(errors="replace"))
    assert server.answer["problems"] == []
    assert not re.findall(r".*:CONSOLE.*", said)
    assert asked, "the log of the network is not read"
    assert {url for url in asked if not url.startswith(address)} == set()
    return server.answer.get("answer")


def requests(log: str) -> list[str]:
    """Give the addresses that pages and workers asked for, not those that the browser asks for its own ends."""
    return re.findall(r'"initiator":"http[^"]*"[^\n]*?"url":"((?:https?|wss?)://[^"]*)"', log)


SMALL = "input: 32x32x3\nlayers:\n  - conv: {filters: 8, kernel: 3, pad: 1}\n  - fc: 10\n"
"""(3·9 + 1)·8 and (8·1024 + 1)·10 parameters."""


def test_the_first_table_is_lenets() -> None:
    title, params, layers = visit(
        f"{LOADED} return [frame().title, total(), rows().filter(row => row[3] !== '0').map(row => row[0])];"
    )
    assert (title, params) == ("LeNet-5", "60,000")
    assert layers == [
        layer.name for layer in cnncalc.load("lenet5").report().layers if layer.params
    ]


def test_what_is_typed_is_counted() -> None:
    script = f"{LOADED} await type({json.dumps(SMALL)}); await until(() => total() !== '60,000'); return total();"
    assert visit(script) == f"{(3 * 9 + 1) * 8 + (8 * 1024 + 1) * 10:,}"


def test_a_mistake_is_marked_at_its_place() -> None:
    wrong = SMALL.replace("kernel", "kernal")
    marked, place, chosen, stale = visit(
        f"""{LOADED} await type({json.dumps(wrong)});
        const button = await until(() => document.querySelector("#problems button"));
        button.click();
        const text = by("text");
        return [[...by("marks").querySelectorAll("mark")].map(mark => mark.textContent), button.textContent,
          text.value.slice(text.selectionStart, text.selectionEnd), by("report").className];"""
    )
    assert marked == ["kernal"]
    assert place.startswith("3:24")
    assert "did you mean 'kernel'?" in place
    assert (chosen, stale) == ("kernal", "stale")


def test_places_are_in_characters_not_in_units() -> None:
    wrong = 'input: 8x8x1\nlayers: [conv: {name: "\U0001f600", filters: 2, kernel: 3, pat: 1}]\n'
    script = f"""{LOADED} await type({json.dumps(wrong)});
        await until(() => document.querySelector("mark"));
        return [...by("marks").querySelectorAll("mark")].map(mark => mark.textContent);"""
    assert "pat" in visit(script)


def test_the_lines_are_numbered_beside_the_text() -> None:
    spec = SMALL + "# line\n" * 60
    numbers, apart, moved = visit(
        f"""{LOADED} await type({json.dumps(spec)});
        const text = by("text");
        text.scrollTop = 200;
        await sleep(100);
        const numbers = by("numbers");
        return [numbers.textContent.trim().split("\\n").length, numbers.scrollTop - text.scrollTop, text.scrollTop];"""
    )
    assert numbers == spec.count("\n") + 1
    assert (apart, moved) == (0, 200)


def test_completions_are_taken_by_the_keyboard() -> None:
    layers, marked, field, text, params, stepped = visit(
        f"""{LOADED}
        const text = by("text"), options = by("options");
        const write = words => document.execCommand("insertText", false, words);
        const key = (key, ctrlKey = false) => text.dispatchEvent(
          new KeyboardEvent("keydown", {{key, ctrlKey, bubbles: true, cancelable: true}}));
        const words = () => [...options.querySelectorAll("b")].map(each => each.textContent);
        const offered = () => until(() => !options.hidden && words());
        text.focus();
        text.select();
        write("input: 32x32x3\\nlayers:\\n  - con");
        const layers = await offered();
        key("ArrowDown");
        const marked = document.getElementById(text.getAttribute("aria-activedescendant")).textContent;
        key("Enter");
        write("fil");
        await offered();
        key("Tab");
        const field = text.value;
        write("8, ");
        key(" ", true);
        await offered();
        key("Escape");
        write("kernel: 3");
        const before = text.selectionStart;
        key("}}");
        await until(() => total() === "224");
        return [layers, marked, field, text.value, total(), text.selectionStart - before];"""
    )
    assert layers[0] == "conv"
    assert marked == "convconvolution"
    assert field.endswith("- conv: {filters: }")
    assert text.endswith("- conv: {filters: 8, kernel: 3}")
    assert (params, stepped) == (f"{(3 * 9 + 1) * 8}", 1)


@pytest.mark.parametrize("page", ["index.html", "practice-ko.html#sample=alexnet"])
def test_every_control_has_a_name_and_they_are_reached_in_order(page: str) -> None:
    unnamed, ahead = visit(
        """await until(() => total() || (document.querySelector("#questions input")
          && document.querySelector("#drawn input")));
        const controls = [...document.querySelectorAll(
          "a, button, input, select, summary, textarea, iframe")];
        const names = each => [each.getAttribute("aria-label"), each.title,
          each.labels?.[0]?.textContent, each.textContent];
        const unnamed = controls.filter(each => !names(each).some(text => text?.trim()));
        return [unnamed.map(each => each.outerHTML), controls.filter(each => each.tabIndex > 0).length];""",
        page,
    )
    assert (unnamed, ahead) == ([], 0)


def test_a_choice_stays_when_one_types_on() -> None:
    chosen, header = visit(
        f"""{LOADED}
        const select = frame().getElementById("convention");
        select.value = "macs";
        select.dispatchEvent(new Event("change"));
        await type({json.dumps(SMALL)}); await until(() => total() !== '60,000');
        return [frame().getElementById("convention").value, frame().querySelector("[data-header=ops]").textContent];"""
    )
    assert chosen == "macs"
    assert header == "MACs (macs)"


def test_pictures_follow_the_table_and_what_was_opened_stays_open() -> None:
    opened, boxes, charts, folded = visit(
        f"""{LOADED}
        const drawn = () => frame().querySelectorAll(".drawing .box").length;
        const button = () => [...frame().querySelectorAll(".scope button")].find(one => one.textContent === "conv2_x");
        await until(button);
        button().click();
        const before = body();
        await type(by("text").value.replace("stride: 2, pad: 3", "stride: 1, pad: 3"));
        await until(() => body() !== before);
        const opened = button().getAttribute("aria-expanded");
        await type({json.dumps(SMALL)});
        await until(() => total() === "82,154" && drawn() === 3);
        return [opened, drawn(), frame().querySelectorAll(".chart").length, frame().querySelector(".fold").value];""",
        "#net=resnet50",
    )
    assert (opened, boxes, folded) == ("true", 3, "")  # the input and two layers; nothing to fold
    assert charts == len(re.findall('class="chart"', html_page([cnncalc.loads(SMALL).report()])))


def test_a_layer_that_is_clicked_is_derived() -> None:
    derived = visit(
        f"""{LOADED}
        [...frame().querySelectorAll(".layers tbody button")].find(each => each.textContent === "c1").click();
        await until(() => frame().querySelector("dialog[open]"));
        return frame().getElementById("details-body").textContent;"""
    )
    assert "156" in derived  # (1·5·5 + 1)·6


def test_a_link_holds_the_spec() -> None:
    script = f"""
        if (!location.hash.startsWith("#spec=")) {{
          {LOADED} await type({json.dumps(SMALL + "# 합성곱")});
          by("link").click();
          await until(() => location.hash.startsWith("#spec="));
          location.reload();
          await sleep(60000);
        }}
        {LOADED} return [by("text").value, total()];"""
    assert visit(script) == [SMALL + "# 합성곱", "82,154"]


def test_a_link_that_is_cut_off_says_so() -> None:
    message = visit(
        "return (await until(() => document.querySelector('#problems button'))).textContent;",
        "#spec=NotWhole",
    )
    assert message.startswith("the link is not whole")


def test_a_link_names_a_network() -> None:
    assert visit(f"{LOADED} return total();", "#net=vgg16") == "138,357,544"


def test_a_link_names_a_variant_and_the_input_is_another() -> None:
    spec, params, macs, link = visit(
        f"""{LOADED}
        const before = body();
        by("input").value = "128";
        by("input").dispatchEvent(new Event("input"));
        await until(() => body() !== before);
        by("link").click();
        await until(() => location.hash.startsWith("#spec="));
        const macs = frame().querySelector("[data-total=macs]").textContent;
        return [by("zoo").value + by("text").value, total(), macs, location.hash];""",
        "#net=efficientnet_b1",
    )
    net = cnncalc.load("efficientnet_b1", 128)
    assert (params, macs) == (f"{net.report().totals.params:,}", f"{net.report().totals.macs:,}")
    name = "torchvision/efficientnet_b1"
    assert spec.startswith(name)
    assert cnncalc.loads(spec.removeprefix(name)).name == name
    assert link.endswith("&input=128")


def test_a_link_to_a_network_that_there_is_not_says_which_there_is() -> None:
    message = visit(
        "return (await until(() => document.querySelector('#problems button'))).textContent;",
        "#net=vgg61",
    )
    assert message.startswith("there is no network 'vgg61'did you mean ")
    assert "vgg16" in message


def test_korean() -> None:
    lang, status, head, link = visit(
        f"{LOADED} return [document.documentElement.lang, by('status').textContent,"
        "frame().querySelector('.layers thead').textContent, by('other').textContent];",
        "ko.html",
    )
    assert lang == "ko"
    assert re.search("[가-힣]", status)
    assert re.search("[가-힣]", head)
    assert link == "English"


PROTOTXT = b"""name: "tiny"
input: "data"
input_dim: 1
input_dim: 3
input_dim: 8
input_dim: 8
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 4 kernel_size: 3 } }
"""


def test_a_file_that_is_dropped_is_read_here() -> None:
    params, shown, hidden, spec = visit(
        f"""{LOADED}
        const bytes = await (await fetch("/__files/tiny")).arrayBuffer();
        drop("tiny.prototxt", bytes, by("report").contentWindow);
        await until(() => total() === "112");
        const said = by("shown").textContent;
        by("back").click();
        await until(() => total() === "60,000");
        return ["112", said, by("shown").hidden, by("text").value];""",
        files={"tiny": PROTOTXT},
    )
    assert params == f"{(3 * 9 + 1) * 4}"
    assert "tiny.prototxt was read here" in shown
    assert hidden
    assert spec == (ROOT / "specs" / "networks" / "lenet5.yaml").read_text(encoding="utf-8")


MODELS = ROOT / "tests" / "models" / "files"


def test_a_file_of_each_tool_has_the_parameters_that_it_has_here() -> None:
    files = {
        name: (MODELS / name).read_bytes()
        for name in ("small.pt2", "small.keras", "small.onnx", "lenet.prototxt")
    }
    with zipfile.ZipFile(MODELS / "small.keras") as archive:
        files["small.json"] = archive.read("config.json")
    names = list(files)
    params = visit(
        f"""{LOADED}
        const read = async name => {{
          const before = body();
          drop(name, await (await fetch("/__files/" + name)).arrayBuffer());
          await until(() => body() !== before || document.querySelector("#problems button"));
          return document.querySelector("#problems button")?.textContent ?? total();
        }};
        const all = [];
        for (const name of {json.dumps(names)}) all.push(await read(name));
        return all;""",
        files=files,
    )
    origin = {"small.json": "small.keras"}
    here = [cnncalc.load(MODELS / origin.get(name, name)).report().totals.params for name in names]
    assert params == [f"{count:,}" for count in here]


def test_a_file_that_cannot_be_read_says_why() -> None:
    shown, problem = visit(
        f"""{LOADED} drop("x.onnx", new Uint8Array([1, 2, 3]));
        const button = await until(() => document.querySelector("#problems button"));
        return [by("shown").textContent, button.textContent];"""
    )
    assert "x.onnx cannot be read" in shown
    assert problem


def test_it_works_with_the_network_cut() -> None:
    script = f"""
        if (!sessionStorage.cut) {{
          {LOADED}
          await navigator.serviceWorker.ready;
          sessionStorage.cut = "yes";
          await fetch("/__cut", {{method: "POST"}});
          location.reload();
          await sleep(60000);
        }}
        {LOADED} await type({json.dumps(SMALL)}); await until(() => total() !== '60,000');
        return [total(), Boolean(navigator.serviceWorker.controller)];"""
    assert visit(script) == ["82,154", True]


def test_the_practice_page_works_with_the_network_cut_and_keeps_what_was_answered() -> None:
    script = f"""{PRACTICE}
        await opened();
        if (!sessionStorage.cut) {{
          answer(0, "5x5x1");
          await judged(0);
          await navigator.serviceWorker.ready;
          sessionStorage.cut = "yes";
          await fetch("/__cut", {{method: "POST"}});
          location.reload();
          await sleep(60000);
        }}
        await judged(0);
        return [all("#questions input")[0].value, all("#questions .verdict")[0].textContent];"""
    assert visit(script, "practice.html#sample=conv_layers") == ["5x5x1", "right"]


def test_a_phones_width_is_enough() -> None:
    over, editor, page = visit(
        f"""{LOADED}
        const high = id => by(id).getBoundingClientRect().height / innerHeight;
        return [document.documentElement.scrollWidth - innerWidth, high("editor"), high("report")];""",
        width=500,
    )
    assert over <= 0
    assert editor == pytest.approx(0.45, abs=0.01)
    assert page == pytest.approx(0.9, abs=0.01)


def test_a_homework_is_judged_as_check_judges_it_and_hints_come_in_order() -> None:
    answers = ["[1, 5, 5]", "3x3x2", "7 x 7 x 1", "32x32x30", "0.76K", "abc"]
    verdicts, score, hints, derivation, about = visit(
        f"""{PRACTICE} await opened();
        {json.dumps(answers)}.forEach((text, place) => answer(place, text));
        await judged(0);
        const hint = all("#questions .question")[3].querySelector("button:not([type=submit])");
        const told = [];
        while (!hint.hidden) {{
          hint.click();
          told.push(all("#questions .question")[3].querySelector(".hints").lastChild.textContent);
        }}
        return [all("#questions .verdict").map(each => each.textContent), lines("score"), told,
          all("#questions pre").filter(each => each.textContent.includes("=")).length, lines("kind")];""",
        "practice.html#sample=conv_layers",
    )
    homework = load_homework("conv_layers")
    given = [Answer(text, "") for text in answers]
    cells, _ = grade(zip(homework.questions, given, strict=False))
    assert verdicts == [STATUS[cell.status].text("en") for cell in cells]
    most = sum(question.points for question in homework.questions)
    assert score == f"{sum(cell.points for cell in cells)} of {most}"
    assert hints == list(steps(cells[3]))
    assert derivation == sum(cell.status == "right" for cell in cells)
    assert "as its author wrote it" in about


def test_what_is_shared_is_judged_in_the_page_as_check_judges_the_homework() -> None:
    homework = load_homework("alexnet")
    rounds = [ways_to_answer(question.keyed.right) for question in homework.questions]
    asked = [list(answers) for answers in zip(*rounds, strict=True)]
    labels = visit(
        f"""{PRACTICE}
        drop("homework.yaml", await (await fetch("/__files/homework")).arrayBuffer());
        await opened();
        const labels = [];
        for (const answers of {json.dumps(asked)}) {{
          answers.forEach((text, place) => answer(place, text));
          await judged(0);
          labels.push(all("#questions .verdict").map(each => each.textContent));
        }}
        return labels;""",
        "practice.html",
        files={"homework": shared_text(homework, "a salt").encode("utf-8")},
    )
    for answers, found in zip(asked, labels, strict=True):
        given = [Answer(text, "") for text in answers]
        cells, _ = grade(zip(homework.questions, given, strict=True))
        assert found == [STATUS[cell.status].text("en") for cell in cells], answers


def ways_to_answer(right: Any) -> list[str]:
    """Write an answer as people do: right in many forms, rounded, cut, in other units, doubled, wrong, unreadable."""
    if isinstance(right, tuple):
        text, last = "x".join(map(str, right)), right[-1]
        shapes = [
            (last, *right[:-1]), (1, *right), right[:-1], (*right[:-1], last + 1), (right[0] - 1, *right[1:]),
        ]  # fmt: skip
        written = [" x ".join(map(str, shape)) for shape in shapes]
        return [text, f"[{', '.join(map(str, right))}]", *written, f"{text}?", str(last), "0x0x0"]
    return [
        str(right), f"{right:,}", f"{right / 1e6:.1f}M", f"{right / 1e6:.3f}M", f"{right / 1024:.2f}Ki",
        str(2 * right), str(right // 2), f"{right / 1e4:.1f}만", f"{right} bytes", "about many",
    ]  # fmt: skip


def test_a_link_holds_a_homework_and_no_answer() -> None:
    homework = (
        "title: Ours\nquestions: [{id: q1, network: alexnet, layer: conv1, quantity: params}]\n"
    )
    script = f"""{PRACTICE}
        if (!location.hash) {{
          drop("homework.yaml", new TextEncoder().encode({json.dumps(homework)}));
          await opened();
          by("link").click();
          await until(() => location.hash.startsWith("#homework="));
          location.reload();
          await sleep(60000);
        }}
        await opened();
        answer(0, "34.9K");
        await judged(0);
        return [location.hash.slice(10), lines("name"), lines("kind"), all("#questions .verdict")[0].textContent];"""
    code, name, kind, verdict = visit(script, "practice.html")
    text = zlib.decompress(urlsafe_b64decode(code + "=" * (-len(code) % 4)), -15).decode("utf-8")
    assert "34944" not in text
    assert "digests: [" in text
    assert (name, verdict) == ("Ours", "right")
    assert "no answer in clear" in kind


def test_a_mistake_in_a_homework_has_its_place() -> None:
    place = visit(
        """drop("homework.yaml", new TextEncoder().encode("questions: [{network: alexnet, quantitty: params}]"));
        return (await until(() => document.querySelector("#problems li"))).textContent;""",
        "practice.html",
    )
    assert place.startswith("1:32")
    assert "did you mean 'quantity'?" in place


def test_questions_are_drawn_without_end_in_korean_and_by_the_keyboard() -> None:
    facts, answer, streak, then, width = visit(
        f"""{PRACTICE}
        const first = await until(() => document.querySelector("#drawn .question"));
        const field = first.querySelector("input");
        field.focus();
        document.execCommand("insertText", false, "1");
        document.activeElement.form.requestSubmit();
        await until(() => lines("streak"));
        by("reveal").click();
        const hints = first.querySelector(".hints");
        await until(() => hints.textContent.includes("정답"));
        by("next").click();
        await until(() => document.querySelector("#drawn .question") !== first);
        return [first.querySelector("p").textContent, hints.textContent, lines("streak"),
          lines("drawn"), document.documentElement.scrollWidth - innerWidth];""",
        "practice-ko.html#level=2",
        width=500,
    )
    assert facts.startswith("입력")
    assert "정답은" in answer
    assert streak.startswith("1문제 중")
    assert re.search("[가-힣]", then)
    assert width <= 0


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm")
def test_nothing_in_the_folder_points_elsewhere() -> None:
    for path in [*SITE.glob("*.html"), *SITE.glob("*.js"), *SITE.glob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//|fetch\(\"http|url\(", text), path
