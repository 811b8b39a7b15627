"""The folder that tools/build_site.py made, for the tests that open it: `CNNCALC_SITE`, or else build/site."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import needs_browser

ROOT = Path(__file__).parent.parent
SITE = Path(os.environ.get("CNNCALC_SITE") or ROOT / "build" / "site")
BUILT = (SITE / "index.html").is_file()

needs_site = [
    needs_browser,
    pytest.mark.skipif(
        not BUILT and "CNNCALC_SITE" not in os.environ, reason="the site is not built"
    ),
]


class Handler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of each."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served_site() -> Iterator[str]:
    """Serve the folder as it is from a thread; gives its address."""
    assert BUILT, f"there is no site in {SITE}"
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
