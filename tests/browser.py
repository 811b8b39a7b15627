"""Pages opened in Debian's Chromium, all in one browser: a script asks the page."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from driver import Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PROMISED = "chromium" in os.environ.get("CNNCALC_BROWSERS", "").split(",")
"""Whether there must be one, as in CI; elsewhere its tests are skipped."""

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not PROMISED, reason="there is no chromium here"
)

OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=8000",
)  # fmt: skip
_NUMBERS = count(1)
_ASK = """<script>
const problems = [];
addEventListener("error", event => problems.push(String(event.message)));
const consoleError = console.error;
console.error = (...given) => { problems.push(given.join(" ")); consoleError(...given); };
</script>"""
_ANSWER = """<script>
window.answered = new Promise(resolve => addEventListener("load", () => setTimeout(async () => {
  let answer = null;
  try { answer = await (async () => { %s })(); } catch (error) { problems.push(String(error.stack)); }
  const loaded = performance.getEntriesByType("resource").map(entry => entry.name);
  resolve(JSON.stringify({answer, problems, loaded}));
}, 0)));
window.page = %d;
</script>"""


@cache
def session() -> Page:
    """The browser that pages are opened in, one after another; it ends with the tests."""
    from driver import driven

    opened = driven()
    atexit.register(opened.__exit__, None, None, None)
    return opened.__enter__()


def ask(page: str, script: str, *, width: int = 1280) -> Any:
    """Open a page and return what a script's body, run in it when it is loaded, returns.

    Fails where the page reports an error or loads anything.
    """
    assert CHROMIUM is not None, "CNNCALC_BROWSERS promises chromium"
    number = next(_NUMBERS)
    page = re.sub("script-src '[^']*'", "script-src 'unsafe-inline'", page)
    head = page.replace("<head>", f"<head>{_ASK}", 1)
    body = f"{_ANSWER % (script, number)}</body>".join(head.rsplit("</body>", 1))
    browser = session()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(body, encoding="utf-8")
        browser.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        browser.open(file.as_uri())
        browser.until(f"window.page === {number}")
        said = json.loads(browser.value("window.answered"))
    assert said["problems"] == []
    assert said["loaded"] == []
    return said["answer"]


def blank(body: str) -> str:
    """A page that holds nothing else."""
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>{body}</body></html>"
