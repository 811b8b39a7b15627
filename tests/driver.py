"""Chromium driven by its DevTools protocol, for what a script in a page cannot do: real keys, and sizes of screens.

https://chromedevtools.github.io/devtools-protocol/: messages are JSON, each ended by a zero byte, in by the
browser's file descriptor 3 and out by its 4.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from browser import CHROMIUM, OPTIONS

PATIENCE = 120.0
"""Seconds for anything: busy machines are slow."""


class Key(NamedTuple):
    """A key: its name, its virtual code, and what it types."""

    name: str
    code: int
    text: str = ""


KEYS = {
    key.name: key
    for key in (
        Key("Tab", 9), Key("Enter", 13, "\r"), Key("Escape", 27), Key("End", 35), Key("ArrowDown", 40),
        Key(" ", 32, " "), Key("a", 65, "a"),
    )
}  # fmt: skip
MODIFIERS = {"Alt": 1, "Control": 2, "Shift": 8}


class Page:
    """A page that is driven, and what its console and its scripts complained of."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self.problems: list[str] = []
        self._to, self._from = to_browser, from_browser
        self._ids = 0
        self._unread = b""
        self._session: str | None = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """Call a method of the protocol and wait for its answer."""
        self._ids += 1
        message = {"id": self._ids, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode("utf-8") + b"\0")
        while True:
            answer = json.loads(self._read())
            if answer.get("id") == self._ids:
                assert "error" not in answer, answer["error"]
                return dict(answer["result"])
            self._hear(answer.get("method"), answer.get("params"))

    def _read(self) -> bytes:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], max(until - time.monotonic(), 0))
            assert ready, "the browser does not answer"
            part = os.read(self._from, 1 << 20)
            assert part, "the browser is gone"
            self._unread += part
        message, _, self._unread = self._unread.partition(b"\0")
        return message

    def _hear(self, method: str | None, params: Any) -> None:
        if method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(params["exceptionDetails"])[:1000])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.problems.append(json.dumps(params["args"])[:1000])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.problems.append(params["entry"]["text"])

    def open(self, address: str) -> None:
        """Go to an address."""
        self.ask("Page.navigate", url=address)

    def value(self, expression: str) -> Any:
        """Return what an expression of JavaScript is, or what its promise comes to."""
        found = self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, json.dumps(found["exceptionDetails"])[:2000]
        return found["result"].get("value")

    def until(self, expression: str) -> Any:
        """Wait until an expression is true of the page, and return its value."""
        end = time.monotonic() + PATIENCE
        while not (value := self.value(expression)):
            assert time.monotonic() < end, f"still not: {expression}; {self.problems}"
            time.sleep(0.02)
        return value

    def press(self, name: str, *modifiers: str) -> None:
        """Press a key and let it go."""
        held = sum(MODIFIERS[modifier] for modifier in modifiers)
        key = KEYS.get(name) or Key(name, 0, name)
        text = {"text": key.text} if key.text and not held else {}
        about = {"key": name, "code": name, "windowsVirtualKeyCode": key.code, "modifiers": held}
        self.ask(
            "Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **about, **text
        )
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text: str) -> None:
        """Press a key for each character."""
        for character in text:
            self.press("Enter" if character == "\n" else character)

    def screen(self, width: int, height: int) -> None:
        """Look at the page as on a screen of this size, a phone's where it is narrow."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip


@contextmanager
def driven() -> Iterator[Page]:
    """Start Chromium with a page of it to drive, and end it."""
    assert CHROMIUM is not None, "CNNCALC_BROWSERS promises chromium"
    options = [option for option in OPTIONS if "virtual-time" not in option]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [CHROMIUM, *options, "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        theirs_in, ours_out = map(_moved, os.pipe())
        ours_in, theirs_out = map(_moved, os.pipe())
        process = os.posix_spawn(
            command[0], command, os.environ, setpgroup=0,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3), (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield Page(ours_out, ours_in)
        finally:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(ours_in)
            os.close(ours_out)


def _moved(descriptor: int) -> int:
    """Move a descriptor out of the way of 3 and 4; a program that is started does not inherit it."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
