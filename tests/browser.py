"""Pages opened in Debian's Chromium without a driver: a script asks the page, and the answer is read from its DOM."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

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
_ASK = """<script>
const problems = [];
addEventListener("error", event => problems.push(String(event.message)));
const consoleError = console.error;
console.error = (...given) => { problems.push(given.join(" ")); consoleError(...given); };
</script>"""
_ANSWER = """<script>
addEventListener("load", () => setTimeout(async () => {
  let answer = null;
  try { answer = await (async () => { %s })(); } catch (error) { problems.push(String(error.stack)); }
  const pre = document.createElement("pre");
  pre.id = "the-answer";
  const loaded = performance.getEntriesByType("resource").map(entry => entry.name);
  pre.textContent = JSON.stringify({answer, problems, loaded});
  document.body.append(pre);
}, 0));
</script>"""


def ask(page: str, script: str, *, width: int = 1280) -> Any:
    """Open a page and return what a script's body, run in it when it is loaded, returns.

    Fails where the page reports an error or loads anything.
    """
    assert CHROMIUM is not None, "CNNCALC_BROWSERS promises chromium"
    page = re.sub("script-src '[^']*'", "script-src 'unsafe-inline'", page)
    head = page.replace("<head>", f"<head>{_ASK}", 1)
    body = f"{_ANSWER % script}</body>".join(head.rsplit("</body>", 1))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(body, encoding="utf-8")
        command = [
            CHROMIUM, *OPTIONS, f"--user-data-dir={folder}/profile", f"--window-size={width},900",
            "--dump-dom", file.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    dom = done.stdout.decode("utf-8")
    found = re.search(r'<pre id="the-answer">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2000:] + done.stderr.decode("utf-8", "replace")[-2000:]
    said = json.loads(html.unescape(found[1]))
    assert said["problems"] == []
    assert said["loaded"] == []
    return said["answer"]


def blank(body: str) -> str:
    """A page that holds nothing else."""
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>{body}</body></html>"
