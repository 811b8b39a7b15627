"""The playground: a static folder that any web server can serve, with Python inside.

    python tools/build_site.py                    # into build/site
    python tools/build_site.py --serve            # and serve it to this machine
    python tools/build_site.py --to FOLDER --pyodide FOLDER_OR_TGZ

Needs npm, which fetches the package `pyodide`, or `--pyodide`: that package's folder or archive. PyYAML is taken from
the Python that runs this, without its compiled part.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path
from string import Template
from typing import NamedTuple

import yaml

from cnncalc.draw.theme import custom_properties
from cnncalc.homework.questions import load_homework
from cnncalc.page.live import blank_page
from cnncalc.page.playground import SAID, SHOWN, STUDENT_SAID, STUDENT_SHOWN
from cnncalc.spec.shipped import data_files
from cnncalc.text.messages import translate
from cnncalc.zoo import Entry, entries

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "site"
PYODIDE = "pyodide@314"
PYTHON_FILES = (
    "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json",
)  # fmt: skip
"""What of the package a browser loads."""
LEFT_OUT = ("__pycache__", "cli")
"""Folders of cnncalc that a browser has no use for."""


class SitePage(NamedTuple):
    """A page: its template in `site/`, the file of each language, what stands on it and what its script says."""

    template: str
    files: Mapping[str, str]
    shown: Mapping[str, str]
    said: Mapping[str, str]


PLAYGROUND = SitePage("index.html", {"en": "index.html", "ko": "ko.html"}, SHOWN, SAID)
PRACTICE = SitePage(
    "practice.html", {"en": "practice.html", "ko": "practice-ko.html"}, STUDENT_SHOWN, STUDENT_SAID
)
REPORT = {"en": "report.html", "ko": "report-ko.html"}
"""The page that the playground fills with a network's report, in each language."""
SCRIPTS = ("app.js", "common.js", "editor.js", "practice.js", "python.js", "style.css", "worker.js")
NAMES = {"en": "English", "ko": "한국어"}


def build(target: Path, pyodide: Path | None) -> None:
    """Make the folder anew. Raises OSError or CalledProcessError where the parts cannot be had."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        package = pyodide_package(pyodide, Path(scratch))
        (target / "pyodide").mkdir()
        for name in PYTHON_FILES:
            shutil.copy(package / name, target / "pyodide" / name)
    write_archive(target / "cnncalc.zip")
    for each in (PLAYGROUND, PRACTICE):
        for lang, name in each.files.items():
            (target / name).write_text(page(each, lang), encoding="utf-8")
    for lang, name in REPORT.items():
        (target / name).write_text(blank_page(lang), encoding="utf-8")
    for name in SCRIPTS:
        shutil.copy(SOURCES / name, target / name)
    (target / "sw.js").write_text(service_worker(target), encoding="utf-8")


def pyodide_package(given: Path | None, scratch: Path) -> Path:
    """Find the package's folder: as given, unpacked, or fetched by npm into `scratch`."""
    if given is not None and given.is_dir():
        return given
    if given is None:
        command = ["npm", "pack", "--silent", PYODIDE]
        subprocess.run(command, cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        given = next(scratch.glob("pyodide-*.tgz"))
    with tarfile.open(given) as archive:
        if hasattr(tarfile, "data_filter"):  # from Python 3.11.4 on
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(scratch)
    return scratch / "package"


def python_files() -> Iterator[tuple[str, Path]]:
    """Every file of the archive: its path there, and where it is."""
    package = ROOT / "cnncalc"
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.is_file() and not set(LEFT_OUT) & set(parts):
            yield f"cnncalc/{'/'.join(parts)}", path
    for path in sorted((ROOT / "specs").rglob("*")):
        if path.is_file():
            yield f"cnncalc/specs/{path.relative_to(ROOT / 'specs').as_posix()}", path
    for path in sorted(Path(yaml.__file__).parent.glob("*.py")):
        yield f"yaml/{path.name}", path
    for path in sorted(SOURCES.glob("*.py")):
        yield path.name, path


def write_archive(target: Path) -> None:
    """Write what Python imports as one zip, the same for the same files."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in python_files():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())


def page(made: SitePage, lang: str) -> str:
    """Write a page in a language."""
    other = next(name for name in made.files if name != lang)
    words = {f"word_{name}": escape(translate(text, lang)) for name, text in made.shown.items()}
    said = {name: translate(text, lang) for name, text in made.said.items()}
    return Template((SOURCES / made.template).read_text(encoding="utf-8")).substitute(
        words,
        lang=lang,
        other_lang=other,
        other_page=made.files[other],
        playground_page=PLAYGROUND.files[lang],
        practice_page=PRACTICE.files[lang],
        other_name=NAMES[other],
        report_page=REPORT[lang],
        colours=colours(),
        networks="".join(networks()),
        homeworks="".join(homeworks()),
        words=json.dumps(said, ensure_ascii=False).replace("<", "\\u003c"),
    )


def networks() -> Iterator[str]:
    """Give the options of the zoo's networks, by family."""
    for family, members in groupby(sorted(entries(), key=_family), key=lambda entry: entry.family):
        yield f'<optgroup label="{escape(family)}">'
        for entry in members:
            title = entry.title if "/" not in entry.name else f"{entry.title} ({entry.name})"
            yield f'<option value="{escape(entry.name)}">{escape(title)}</option>'
        yield "</optgroup>"


def homeworks() -> Iterator[str]:
    """Give the options of the homeworks that ship."""
    for name in data_files("homework"):
        yield f'<option value="{escape(name)}">{escape(load_homework(name).title)}</option>'


def _family(entry: Entry) -> tuple[str, int]:
    return entry.family.lower(), entry.year or 0


def colours() -> str:
    """Write the colours of the report's page, light and dark."""
    light, dark = custom_properties("light"), custom_properties("dark")
    system = f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
    return f":root{{{light}}}:root[data-theme=dark]{{{dark}}}{system}"


def service_worker(target: Path) -> str:
    """Write the service worker: the folder's files, and a version that is a digest of them."""
    names = sorted(
        path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()
    )
    digest = sha256()
    for name in names:
        digest.update(name.encode("utf-8") + b"\0" + (target / name).read_bytes())
    text = (SOURCES / "sw.js").read_text(encoding="utf-8")
    return Template(text).substitute(
        version=digest.hexdigest()[:16], files=json.dumps(["./", *names])
    )


def serve(folder: Path, port: int) -> None:
    """Serve the folder to this machine alone, until it is interrupted. Raises OSError where the port is taken."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"open http://localhost:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of each."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def run(argv: list[str] | None = None) -> int:
    """Build the folder, say how large it is, and serve it where that is asked for."""
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", __doc__ or "")[0])
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--pyodide", type=Path)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args(argv)
    try:
        build(given.to, given.pyodide)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{error}; npm is needed, or --pyodide with its package", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in given.to.rglob("*") if path.is_file())
    print(f"{given.to}: {size / 1e6:.1f} MB", flush=True)
    if given.serve:
        try:
            serve(given.to, given.port)
        except OSError as error:
            print(f"{error}; --port takes another, and 0 any that is free", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(run())
