"""Details that nothing else here turns up: limits, odd inputs, rare words, a row or a few lines each.

Expected values are arithmetic shown beside them, or what the promise of a limit says.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.counts import claims
from cnncalc.counts.judge import NOTHING, ask, judge, printing_words
from cnncalc.counts.printed import Printing, short_source
from cnncalc.draw.draw import draw
from cnncalc.ops.field_types import FieldError, Text
from cnncalc.ops.shapes import broadcast_shape
from cnncalc.page import charts, html_page
from cnncalc.report.conventions import measures
from cnncalc.sizing import sweep
from cnncalc.spec import blocks, claim, walk
from cnncalc.text.messages import with_particles
from cnncalc.text.numbers import format_number, read_number
from cnncalc.text.printable import STAND_INS
from cnncalc.text.source import SpecError

UNKNOWN = """
input: 8x8x3
layers:
  - unknown: {name: odd, of: something, output: 8x8x3, params: 5}
  - conv: {name: conv1, filters: 2, kernel: 3}
"""
BRANCHES = "input: 8x8x1\nlayers:\n  - concat:\n      branches:\n" + "".join(
    f"        - [conv: {{name: c{at}, filters: 1, kernel: 1}}]\n" for at in range(14)
)
SHARED = """
input: 8x8x3
blocks:
  twice:
    layers:
      - conv: {name: a, filters: 3, kernel: 1}
      - conv: {name: b, filters: 3, kernel: 1, share: a}
layers:
  - twice: {name: x}
  - twice: {name: y}
"""


def spec(*layers: str, shape: str = "8x8x3", more: str = "") -> str:
    return f"{more}input: {shape}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)


FILES = {
    "odd.yaml": "input: 8x8x3\nvariants: [a]\nparams: 3\nlayers: [relu]\n",
    "listed.yaml": "[\nvariants: 3]\n",
    "wide.yaml": spec(
        "conv: {filters: n, kernel: 1}", more="params: {n: }\nvariants: {a: {n: 2}}\n"
    ),
    "unknown.yaml": UNKNOWN,
    "branches.yaml": BRANCHES,
    "shared.yaml": SHARED,
    "vector.yaml": spec("relu", shape="8"),
    "word.yaml": spec("conv: {filters: 3, kernel: 3, pad: same + 1}"),
    "comma.yaml": spec("conv: {filters: 3, kernel: 3, pad: [max(1,\n      2)]}"),
    "flat.yaml": spec("maxpool: {kernel: 3}", shape="8"),
    "input.yaml": spec("relu", shape='["8 // 0", 8, 3]'),
    "alias.yaml": spec("relu", more='aliases: [""]\n'),
    "constant.yaml": spec("conv: {filters: maps(3), kernel: 1}", more="define: {maps(n): 64}\n"),
    "claimed.yaml": spec(
        "conv: {filters: 2, kernel: kernel}",
        more="params: {kernel: 3}\nclaims: [{params: 20, set: {kernel: [1, 3]}}, {macs: 1}]\n",
    ),
}

# words, exit code, what is said
LINES = [
    ("identify alexnet 34944 --layer conv1", 0, "conv1 of AlexNet"),  # 11·11·3·96 + 96
    ("identify alexnet '34944 FLOPs' --layer conv1", 1, "something else does"),
    ("identify alexnet '34944 FLOPs' --layer conv1", 1, "but no FLOPs"),
    ("identify googlenet 108K --layer conv2", 0, "K = 1024"),  # 3·3·64·192 = 110,592
    ("reconcile alexnet weights-only keras 34848 --layer conv1", 0, "conv1 of AlexNet"),
    ("reconcile alexnet 62378344 1135256096", 0, "parameters, not operations"),
    ("explain branches.yaml total 'peak bytes'", 0, " more"),
    ("explain shared.yaml x/b params --convention weights-only", 0, "shared with x/a"),
    ("params shared.yaml --format csv", 0, "y/a,conv,8x8x3,9,3,12"),  # and nothing more of its own
    ("budget unknown.yaml --max-macs 1M --format plain", 1, "?"),
    ("budget lenet5 --max-params 0 --format json", 1, '"passed": false'),
    ("budget lenet5 --max-params 20MB", 2, "'20MB' is in bytes; params is a count, such as 5M"),
    (
        "budget lenet5 --max-macs '5M params'",
        2,
        "'5M params' is in params; macs is a count, such as 5M",
    ),
    (
        "budget lenet5 --max-activations '5M MACs'",
        2,
        "'5M MACs' is in MACs; activations is a count",
    ),
    (
        "budget lenet5 --max-peak '5M values'",
        2,
        "'5M values' is in values; peak is bytes, such as 20MB",
    ),
    ("budget lenet5 --max-flops '5 GMACs'", 0, "flops"),
    (
        "budget lenet5 --max-peak '5M params'",
        2,
        "is in params; peak is bytes, such as 20MB or 24GiB",
    ),
    ("budget lenet5 --max-peak '≤ 24 KiB'", 0, "24 KiB"),
    ("params odd_a.yaml", 2, "odd_a.yaml"),
    ("params listed_a.yaml", 2, "listed_a.yaml"),
    ("params wide_a.yaml --format csv", 0, "conv1,conv,8x8x2,6,2,8"),  # 3·2 + 2
    ("params wide_b.yaml", 2, "wide_b.yaml"),
    ("budget lenet5 --max-peak 23520", 0, "yes"),  # 4 bytes of each of 28·28·6 and 14·14·6 values
    ("budget lenet5 --max-peak 23519", 1, "no"),
    ("budget lenet5 --max-peak=-1", 2, "'-1' is negative"),
    ("budget lenet5 --max-params 0 --format csv", 1, "params,60000,0,false,,"),
    ("budget lenet5 --max-params 119999/2 --format json", 1, '"limit": "119999/2"'),
    ("fit vgg16 --memory 100B", 1, "the largest batch that fits: 0"),
    ("params word.yaml", 2, "stands in quotes: 'same'"),
    ("params comma.yaml", 2, "the comma breaks this expression in two"),
    ("params flat.yaml", 2, "error"),
    ("params input.yaml", 2, "error"),
    ("validate alias.yaml", 2, "an alias is a name"),
    ("params constant.yaml --format csv", 0, "conv1,conv,8x8x64,192,64,256"),  # 3·64 + 64
    ("validate claimed.yaml", 1, "claimed.yaml:"),
    ("convert lenet5 --to nothing", 2, "nothing"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("line", "code", "said"), LINES)
def test_what_is_said(line: str, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    import shlex

    assert main(shlex.split(line)) == code
    shown = capsys.readouterr()
    assert said in shown.out + shown.err


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "name", "most", "text", "said"),
    [
        (walk, "MAX_STEPS", 2, spec("relu", "relu", "relu"), "layers"),
        (walk, "MAX_NESTING", 1, spec("residual: [relu]"), "nested deeper"),
        (claim, "MAX_CLAIMS", 1, FILES["claimed.yaml"], "more than the limit of 1 claims"),
    ],
)
def test_a_limit_is_said(
    module: Any, name: str, most: int, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cnncalc.loads(text)
    monkeypatch.setattr(module, name, most)
    with pytest.raises(SpecError, match=said):
        cnncalc.loads(text)


def test_claims_of_many_other_inputs_are_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    net = cnncalc.loads(spec("relu", more="claims: [{params: 0, input: 9x9x3}]\n"))
    assert not [verdict.problem for verdict in net.check_claims() if verdict.problem]
    monkeypatch.setattr(claims, "MAX_CLAIMED", 1)
    with pytest.raises(SpecError, match="of more than 1 layers"):
        net.check_claims()


def test_ops_that_are_forgotten_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = spec("conv: {filters: 2, kernel: 3}", "conv: {filters: 5, kernel: 1}")
    params = cnncalc.loads(text).report().totals.params  # 3·9·2 + 2 + 2·5 + 5
    monkeypatch.setattr(walk, "MAX_OPS", 1)
    assert cnncalc.loads(text).report().totals.params == params == 71


def test_a_drawing_of_too_many_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["cnncalc.draw.draw"], "MAX_BOXES", 3)
    report = cnncalc.load("lenet5").report()
    with pytest.raises(SpecError, match="picture would have 7 boxes; the limit is 3"):
        draw(report)
    with pytest.raises(SpecError, match="a smaller --depth folds blocks"):
        draw(report, depth=2)


def test_a_chain_of_activations_is_gathered_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many layers that decorate each other are twice as much work."""
    drawing = sys.modules["cnncalc.draw.outline"]
    asked: list[object] = []
    whole = drawing._decorates

    def decorates(row: object, nodes: object) -> object:
        asked.append(row)
        return whole(row, nodes)

    def works(layers: int) -> int:
        asked.clear()
        draw(cnncalc.loads(spec(*["relu"] * layers, shape="4x4x2")).report())
        return len(asked)

    monkeypatch.setattr(drawing, "_decorates", decorates)
    assert works(200) < 2.1 * works(100)


def test_blocks_of_blocks_are_drawn_as_deep_as_a_picture_has_boxes() -> None:
    lines = ["  b0: {layers: [conv: {filters: 4, kernel: 3, pad: 1}, fc: 9, reshape: 3x3x1]}"]
    lines += [f"  b{n}: {{layers: [b{n - 1}, b{n - 1}]}}" for n in range(1, 12)]
    text = "input: 8x8x4\nblocks:\n" + "\n".join(lines) + "\nlayers: [b11]\n"
    net = cnncalc.loads(text)  # 3 · 2^11 layers: 2^11 boxes are too many
    assert f"{2**10 + 1} boxes for {3 * 2**11 + 1} layers" in draw(net.report())


def test_a_page_of_too_many_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    report = cnncalc.load("lenet5").report()
    layers = len(report.rows)
    monkeypatch.setattr("cnncalc.page.page.MAX_PAGE_LAYERS", 2 * layers)
    assert html_page([report, report])
    with pytest.raises(SpecError, match=f"the page would have {3 * layers} layers"):
        html_page([report] * 3)


def test_a_size_beyond_the_limit_is_said_by_the_walk() -> None:
    net = cnncalc.loads(spec("upsample: 1000"))
    assert net.with_("9x9x3").report().rows[-1].output == (9000, 9000, 3)
    with pytest.raises(SpecError, match="upsample"):
        net.with_("900000000000x9x3")


def test_a_receptive_field_that_is_too_much_to_follow_is_unknown() -> None:
    """97 and 101 are prime: after three pairs a pattern has more than 4,096 phases."""
    text = spec(*["upsample: 97", "maxpool: {kernel: 1, stride: 101}"] * 3, shape="999x1")
    assert cnncalc.loads(text).report().rows[-1].receptive_field == (None,)


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_picture_is_made_by_the_library_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    png = SimpleNamespace(svg_to_bytes=lambda svg_string, zoom: [137, *svg_string[:4].encode()])
    system = SimpleNamespace(system=lambda: "fonts")
    pdf = SimpleNamespace(
        FontDatabase=system, ConversionOptions=dict, svg_to_pdf=lambda svg, fonts, options: b"%PDF"
    )
    monkeypatch.setitem(sys.modules, "resvg_py", png)
    monkeypatch.setitem(sys.modules, "svg2pdf_py", pdf)
    for ending, begin in (("png", b"\x89<svg"), ("pdf", b"%PDF")):
        path = tmp_path / f"net.{ending}"
        assert main(["draw", "lenet5", "-o", str(path)]) == 0
        assert path.read_bytes() == begin
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert main(["draw", "lenet5", "-o", str(tmp_path / "net.png")]) == 2
    assert "pip install 'cnncalc[draw]'" in capsys.readouterr().err


def test_a_page_of_a_vector_without_work() -> None:
    page = html_page([cnncalc.loads(FILES["vector.yaml"]).report()])
    assert page.count('<section class="network"') == 1
    assert charts._steps([]) == ""


# --- the process -----------------------------------------------------------------------------------------------------


def test_the_console_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The collector runs again, and a SIGTERM ends as an exit does: 128 + 15."""
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(sys, "argv", ["cnncalc", "params", "lenet5", "--format", "csv"])
    from cnncalc.__main__ import run

    assert run() == 0
    assert gc.isenabled()
    assert "f6,fc,84" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stop:
        handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert stop.value.code == 143
    assert ("SIGHUP" in dir(signal)) == (len(handlers) == 2)


@pytest.mark.skipif(sys.platform == "emscripten", reason="there are no named pipes")
def test_what_cannot_be_read_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe, circle, device = (tmp_path / name for name in ("pipe", "circle", "device"))
    os.mkfifo(pipe)
    circle.symlink_to(circle)
    device.symlink_to(os.devnull)
    for target, said in ((pipe, "named pipe"), (circle, "circle")):
        assert main(["params", "lenet5", "-o", str(target)]) == 2
        assert said in capsys.readouterr().err
    assert main(["convert", "lenet5", "--to", "onnx", "-o", str(device)]) == 2
    assert "an ONNX model is no text to print" in capsys.readouterr().err
    assert not (tmp_path / "device.data").exists()
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["params", "-"]) == 2
    assert "standard input is closed" in capsys.readouterr().err


def test_a_worker_of_a_sweep_does_what_the_process_itself_would() -> None:
    net = cnncalc.load("mobilenet_v1")
    request = sweep.Request(("params",))
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "_worker", None)
        sweep._start(net, ["width"], request)
        (made,) = sweep._work([("0.5",)])
    assert made.totals == (net.with_(set={"width": "0.5"}).report().totals.params,)


# --- numbers and words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [("3(으)로", "3으로"), ("7(으)로", "7로"), ("2(으)로", "2로"), ("6(이)라고", "6이라고"), ("2(이)라고", "2라고")],
)  # fmt: skip
def test_particles_behind_digits(text: str, said: str) -> None:
    """삼 and 육 end in a consonant, 이 in a vowel, 칠 in ㄹ, which 로 follows as it follows a vowel."""
    assert with_particles(text) == said


@pytest.mark.parametrize("text", ["2백3천", "62만K", "3천4천"])
def test_korean_numbers_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_number(text)


def test_a_decimal_never_looks_like_thousands() -> None:
    assert format_number(Fraction(34944, 1000), "short", 5) == "34.9440"
    assert sweep.decimal(Fraction(1, 3)) == "1/3"
    assert sweep.decimal(Fraction(-1, 4)) == "-0.25"


def test_what_an_encoding_lacks_is_as_wide_as_it_was() -> None:
    assert "漢".encode("ascii", STAND_INS) == b"??"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", STAND_INS)


def test_values_of_the_engine() -> None:
    report, other = (cnncalc.load(name).report() for name in ("lenet5", "alexnet"))
    first, second = report.rows[1], cnncalc.load("lenet5").report().rows[1]
    assert first == second
    assert not (first != second)  # noqa: SIM202
    assert hash(first) == hash(second)
    assert hash(report.totals) == hash(cnncalc.load("lenet5").report().totals)
    for value in (first, report.totals, report, report.graph.nodes[1].facts):
        assert value != 3
    assert report.graph.nodes[1].facts != other.graph.nodes[1].facts
    assert len({node.facts for node in report.graph.nodes}) == len(report.graph.nodes)
    assert repr(report).startswith("LeNet-5, input 32×32×1\n")
    assert repr(first.fields) == "<Fields of lenet5>"
    with pytest.raises(AttributeError, match="frozen"):
        report.graph.nodes[1].op.filters = 3
    known = measures(report.graph.nodes[1])
    assert len(known) == len(dict(known))
    assert dict(known)["weights"] == 150  # 5·5·1·6


def test_shapes_that_do_not_go_together() -> None:
    assert broadcast_shape([(4, 4, 3), (4, 3)]) is None
    assert broadcast_shape([(4, 4, 3), (3,)]) == (4, 4, 3)


def test_a_text_is_a_text() -> None:
    assert Text().normal("3", 2) == "3"
    with pytest.raises(FieldError, match="a text"):
        Text().normal(3, 2)


def test_a_broken_file_of_the_block_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bottleneck.yaml"
    monkeypatch.setattr(blocks, "data_file", lambda kind, name: file)
    for text, said in (
        ("blocks: [", "bottleneck.yaml"),
        ("blocks: {other: {}}", "must hold the block"),
    ):
        file.write_text(text)
        with pytest.raises(SpecError, match=said):
            blocks.read_library_block("bottleneck")


# --- the judge -------------------------------------------------------------------------------------------------------


def test_the_judge_of_a_shape_for_a_number() -> None:
    net = cnncalc.load("alexnet")
    asked = ask(net, "conv1", "params")
    assert asked is not None
    assert judge(asked, (55, 55, 96)).status == NOTHING
    assert ask(net, "all conv", "params") is None


def test_who_prints_a_number() -> None:
    printing = Printing(
        "a", "A", "total", "params", "5M", 5_000_000, "Table 1", "claim", variant="width 2"
    )
    assert printing_words(printing) == "5M: Table 1 (A with width 2)"
    assert not printing._replace(text="?").prints(read_number("5M"))
    assert short_source("Ho and Lu 2016, Title, CVPR", "Table 2") == "Ho and Lu 2016, Table 2"
    assert short_source("Ho and Lu, Title", "Table 2") == "Ho and Lu, Title, Table 2"


def test_json_of_a_budget_has_the_largest_layers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["budget", "lenet5", "--max-params", "1M", "--format", "json"]) == 0
    (held,) = json.loads(capsys.readouterr().out)["budget"]
    assert held["value"] == 60_000
    assert held["worst"][0]["value"] == 48_120  # 400·120 + 120
