"""Command lines run within limits, each in a fork of a process that has imported all it needs: some 10 ms each.

A line of standard input is a JSON object: `words`, `folder`, and the limits `seconds` and `bytes`. The fork gets the
limits, runs the words as the console script does, and leaves its output in the files `.out` and `.err` of the folder; a
line of standard output then has its exit code, its CPU time and its peak.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path

from cnncalc.__main__ import run
from cnncalc.cli import COMMANDS

STREAMS = ((1, ".out"), (2, ".err"))


def import_all() -> None:
    """Import what commands import late, so that no fork has to."""
    for command in COMMANDS.values():
        import_module(f"cnncalc.cli.{command.target.partition(':')[0]}")
    for late in ("yaml", "openpyxl", "rich.console", "rich.table"):
        try:
            import_module(late)
        except ImportError:
            continue
    gc.freeze()


def forked(words: list[str], folder: str, seconds: int, most: int) -> None:
    """Run a command line; this does not return."""
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, name in STREAMS:
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    signal.alarm(20 * seconds)
    sys.argv[1:] = words
    code = 70
    try:
        code = run()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 70
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Answer line by line until the input ends."""
    import_all()
    for line in sys.stdin:
        given = json.loads(line)
        child = os.fork()
        if not child:
            forked(given["words"], given["folder"], given["seconds"], given["bytes"])
        _, status, usage = os.wait4(child, 0)
        answer = {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * 1024,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent.parent)]
    main()
