"""The console script, and `python -m cnncalc`.

Importing makes many objects and no garbage: the collector waits until all is imported, and then leaves that alone.
"""

import gc

gc.disable()

from cnncalc.cli import main  # noqa: E402


def run() -> int:
    """Run the command line of this process; the exit code is for `sys.exit`."""
    gc.freeze()
    gc.enable()
    return main()


if __name__ == "__main__":
    raise SystemExit(run())
