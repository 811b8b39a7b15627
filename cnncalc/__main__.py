"""The console script, and `python -m cnncalc`.

Importing makes many objects and no garbage: the collector waits until all is imported, and then leaves that alone.
What a command makes are frozen values, which form no cycles: it looks seldom, else a long network would cost more a
layer than a short one.
"""

import gc
import io
import signal
import sys
from types import FrameType

gc.disable()

from cnncalc.cli import main  # noqa: E402

NEW_OBJECTS = 2_000_000
"""After so many new objects the collector looks at them, some 200 MB: more than the largest network of a spec makes."""


def run() -> int:
    """Run the command line of this process; the exit code is for `sys.exit`."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
    gc.enable()
    for name in ("SIGTERM", "SIGHUP"):  # Windows has one of them
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, _stop)
    _buffer_output()
    code = main()
    gc.freeze()  # what is left goes with the process: nobody need look through it first
    return code


def _buffer_output() -> None:
    """Write to standard output through a buffer, also where PYTHONUNBUFFERED says not to.

    Without one Python drops what a disk has no more room for, and says nothing.
    """
    if isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        encoding = sys.stdout.encoding
        sys.stdout = open(sys.stdout.fileno(), "w", encoding=encoding, closefd=False)  # noqa: SIM115


def _stop(number: int, _frame: FrameType | None) -> None:
    """End as an exit does, so that half a file is taken away on the way out."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    raise SystemExit(run())
