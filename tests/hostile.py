"""A hostile text, and readers of every format that know nothing of cnncalc: what a text may not change is its skeleton.

A skeleton is what a program or a page obeys: the keys and types of JSON and YAML, the number of cells of a line of
CSV, the elements and attributes of a page, the tokens of Markdown, the commands of LaTeX, the questions of GIFT, the
syntax of Python. A text that a file holds may only be shown, so that the skeleton is the same whatever the text is.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import yaml
from markdown_it import MarkdownIt

HOSTILE = (
    "=cmd|' /C calc'!A0\x1b]8;;http://evil\x07\x1b[2J\x9b31m\x00\u202e\u200b\ufeff\r\n"
    "＝1+1\n\n\\input{/etc/passwd}\n%\n# a\n- b: c\n<script>alert(1)</script>&amp;<!-- ]]> -->"
    '[a](javascript:b)![i](http://t)|*b*_c_`d`~~e~~$f$ ::g::{=h ~i #j} "k" \'l\' /*m*/ """n\\\n%%o;;'
)
"""Escapes, C1, NUL, bidi, zero-width, line ends, formulas in both widths, and the signs of every format."""
VISIBLE = "=cmd|' /C calc'!A0 " + "".join(
    char if char.isprintable() else " " for char in HOSTILE[HOSTILE.index("＝") :]
)
"""The same as far as it can be seen, on one line: what a reader of names lets through where it refuses controls."""
HARMLESS = ("harm＝less-" * 40)[: len(VISIBLE)]
"""As long, so that lines break alike, and with a sign that asks for the same packages of LaTeX."""
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")


def is_safe(text: str) -> bool:
    """Whether a terminal shows every character of a text and obeys none but the line feed."""
    return all(char == "\n" or char.isprintable() for char in text)


def shape(value: Any) -> Any:
    """The keys and types of a document, without its texts and numbers; items alike are told once."""
    if isinstance(value, dict):
        return {"key": [shape(item) for item in value.values()]}
    if isinstance(value, list):
        return sorted({repr(shape(item)) for item in value})
    return type(value).__name__ if not isinstance(value, str) else "text"


def json_skeleton(text: str) -> Any:
    """Keys and types of JSON, or of one JSON value a line."""
    if not text.strip():
        return None
    try:
        return shape(json.loads(text))
    except json.JSONDecodeError:
        return [shape(json.loads(line)) for line in text.splitlines()]


def csv_skeleton(text: str) -> Any:
    """The number of cells of each line; no cell is a formula."""
    rows = list(csv.reader(io.StringIO(text), strict=True))
    for cell in (cell for row in rows for cell in row):
        seen = "".join(char for char in cell if unicodedata.category(char)[0] not in "CZ")
        number = re.fullmatch(r"[+-]?[\d.,]+(e[+-]?\d+)?|[-+]", seen)
        assert number or not FORMULA.match(seen), f"a formula: {cell!r}"
    return [len(row) for row in rows]


class _Elements(HTMLParser):
    """The elements and attributes of a page in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))
        for name, value in attrs:
            if name in ("href", "src", "action"):
                assert not (value or "").strip().lower().startswith(("javascript", "data:text"))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")


def html_skeleton(text: str) -> Any:
    """The elements of a page with the names of their attributes; the tspans that lines are broken into are not told."""
    page = _Elements()
    page.feed(text)
    page.close()
    return [item for item in page.found if item != "tspan" and item[0] != "tspan"]


def xml_skeleton(text: str) -> Any:
    """The elements of a well-formed document with their attributes' names, and what is in CDATA as a page."""
    root = ElementTree.fromstring(text.encode())
    plain = set(root.iterfind(".//category/text"))
    return [
        (element.tag, sorted(element.attrib), None if element in plain else inner_page(element))
        for element in root.iter()
        if not element.tag.endswith("tspan")
    ]


def inner_page(element: ElementTree.Element) -> Any:
    """What an element that holds escaped HTML, as a course system's texts do, says to a browser."""
    return html_skeleton(element.text or "") if element.tag.endswith("text") else None


def markdown_skeleton(text: str) -> Any:
    """The tokens of a page, texts left out."""
    tokens: list[str] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        children = token.children or [token]
        names = [child.type for child in children]
        tokens += [name for name in names if name not in ("text", "text_special", "softbreak")]
    return tokens


ESCAPES = frozenset(
    re.findall(
        r"\\\w+|\\.",
        r"\textbackslash\textasciitilde\textasciicircum\&\%\$\#\_\{\}\times\cdot\gamma\beta",
    )
)
"""What a sign that LaTeX would obey is written as."""


def latex_skeleton(text: str) -> Any:
    """The commands of each line beside escapes, and its signs that mean something; comments are left out."""
    found = []
    for whole in text.split("\n"):
        line = re.sub(r"(?<!\\)%.*", "", whole)
        commands = re.findall(r"\\(?:[A-Za-z]+|.)", line)
        bare = re.sub(r"\\(?:[A-Za-z]+(?:\{\})?|.)", "", line)
        assert bare.count("{") == bare.count("}"), f"braces do not match: {whole!r}"
        assert bare.count("$") % 2 == 0, f"mathematics does not end: {whole!r}"
        assert not set(bare) & {"#", "~", "^"}, f"a sign of TeX's: {whole!r}"
        found.append(([one for one in commands if one not in ESCAPES], bare.count("&")))
    return found


def gift_skeleton(text: str) -> Any:
    """The kinds of questions and the signs of their answers."""
    found = []
    for question in re.split(r"\n\s*\n", text.strip()):
        bare = re.sub(r"\\.", "", question)
        found.append(
            re.sub(r"[^={}~#]", "", bare) if not bare.startswith("$CATEGORY") else "category"
        )
    return found


def yaml_skeleton(text: str) -> Any:
    """Keys and types of YAML."""
    return shape(yaml.safe_load(text))


def python_skeleton(text: str) -> Any:
    """The syntax tree without names and constants."""
    return [
        type(node).__name__
        for node in ast.walk(ast.parse(text))
        if not isinstance(node, ast.Constant | ast.JoinedStr)
    ]


def mermaid_skeleton(text: str) -> Any:
    """The lines without what is in quotes, in which no element but a line's end stands."""
    for line in text.split("\n"):
        assert line.startswith("title:") or "<" not in line.replace("<br/>", ""), line
    return [re.sub(r'"(?:[^"\\]|\\.)*"', "", line) for line in text.split("\n")]


NAMED: dict[str, Callable[[str], Any]] = {
    "json": json_skeleton,
    "csv": csv_skeleton,
    "scalesim": csv_skeleton,
    "html": html_skeleton,
    "markdown": markdown_skeleton,
    "latex": latex_skeleton,
    "gift": gift_skeleton,
    "yaml": yaml_skeleton,
    "torch": python_skeleton,
    "mermaid": mermaid_skeleton,
}
"""Formats that do not show what they are."""


def skeleton(format_name: str, text: str) -> Any:
    """What a program obeys of an output: read as its format's name says, else as what it looks like."""
    if format_name in NAMED:
        return NAMED[format_name](text)
    if text.startswith(("<?xml", "<svg")):
        return xml_skeleton(text)
    if text.lower().startswith(("<!doctype html", "<html", "<div")):
        return html_skeleton(text)
    if text.startswith(("{", "[{")):
        return json_skeleton(text)
    return None


def unpacked(name: str, data: bytes) -> dict[str, str]:
    """The texts in a file that was written: itself, or the members of an archive; a file that is no text has none."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                assert not member.startswith("/"), member
                assert ".." not in member.split("/"), member
            return {
                f"{name}/{member}": text
                for member in archive.namelist()
                for text in unpacked(member, archive.read(member)).values()
            }
    if name.endswith(
        (".data", ".onnx")
    ):  # weights and wire format, which are no text whatever they hold
        return {}
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {}
