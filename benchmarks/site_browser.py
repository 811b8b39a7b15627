"""How long a reader of the playground waits in Chromium, in ms; the site is that of CNNCALC_SITE, or else build/site.

    python benchmarks/site_browser.py

From opening the page, whose files the browser has kept, to the first table; and from a key to the table painted anew.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from built_site import served_site
from driver import Page, driven

NETWORKS = tuple(sys.argv[1:]) or (
    "lenet5",
    "alexnet",
    "vgg16",
    "resnet50",
    "googlenet",
    "densenet121",
)
RUNS = 15
FRAME = "document.getElementById('report').contentDocument"
WAIT = """
const painted = () => new Promise(done => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now());
  channel.port2.postMessage(null);
}));
"""
"""What is done in a task after the next frame's callbacks comes when that frame is painted."""
FIRST = (
    WAIT
    + """
addEventListener("DOMContentLoaded", async () => {
  const frame = document.getElementById("report");
  if (!frame) return;
  while (!frame.contentDocument?.querySelector("[data-total=params]")) await painted();
  window.first = await painted();
});
"""
)
KEYS = """
window.waits = [];
let pressed = null;
document.getElementById("text").addEventListener("keydown", event => { pressed = event.timeStamp; });
new MutationObserver(async () => {
  const from = pressed;
  pressed = null;
  if (from !== null) waits.push(await painted() - from);
}).observe(document.getElementById("report").contentDocument.querySelector("[data-part=rows]"), {childList: true});
document.getElementById("text").focus();
"""


def first_table(page: Page, address: str) -> float:
    """Return the ms from the start of a load to the first table."""
    page.open("about:blank")
    page.open(address)
    return float(page.until("window.first"))


def waits(page: Page, address: str, network: str) -> list[float]:
    """Return the ms from each key to the painted table of a network."""
    page.open("about:blank")
    page.open(f"{address}#net={network}")
    page.until(f"window.first && {FRAME}.querySelector('.drawing .box') !== null")
    page.until(f"document.getElementById('zoo').value === '{network}'")
    page.value(KEYS)
    page.press("End", "Control")
    for count in range(RUNS):
        page.press("Enter" if count == 0 else "#")
        page.until(f"window.waits.length > {count}")
        time.sleep(0.3)  # for the pictures
    return list(page.value("window.waits"))


def main() -> None:
    """Measure and print."""
    with served_site() as address, driven() as page:
        page.ask("Page.addScriptToEvaluateOnNewDocument", source=FIRST)
        first_table(page, address)
        page.until("navigator.serviceWorker.ready.then(() => true)")
        firsts = [first_table(page, address) for _ in range(5)]
        print(f"first table{min(firsts):>16,.0f}{median(firsts):>8,.0f}  least, median")
        for network in NETWORKS:
            found = waits(page, address, network)
            print(f"a key, {network:<16}{min(found):>4.0f}{median(found):>8.0f}")


if __name__ == "__main__":
    main()
