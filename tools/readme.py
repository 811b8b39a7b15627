"""README's commands and real output: read for CI, and checked.

python tools/readme.py --command run     # the command that does the main job, with all of its set-up
python tools/readme.py --command test    # the one that passes the tests
python tools/readme.py --check           # run the first as it stands, and compare every shown output
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def fenced(language: str) -> list[str]:
    """Return the fenced blocks of README that are marked with a word."""
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def set_up_commands() -> dict[str, str]:
    """Return the two commands: the shell blocks of README, in order."""
    run, test = (block.strip() for block in fenced("sh")[:2])
    return {"run": run, "test": test}


def shown_runs() -> list[tuple[str, str]]:
    """`$ command` lines of the console blocks, each with the output shown below it."""
    found = []
    for block in fenced("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.rstrip()))
    return found


def matches(shown: str, real: str) -> bool:
    """Whether the output is as shown; a line of dots stands for lines left out."""
    pattern = r"(?:.*\n)*?".join(
        re.escape(part) for part in re.split(r"^\.\.\.\n", shown + "\n", flags=re.MULTILINE)
    )
    return re.fullmatch(pattern, real.rstrip() + "\n") is not None


def check() -> int:
    """Run the first command as it stands in a copy of the tree, and every shown one; 1 where something differs."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "cnncalc"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
        first = subprocess.run(
            ["bash", "-c", set_up_commands()["run"]], cwd=copy, capture_output=True, text=True
        )
        if first.returncode or "138,357,544" not in first.stdout:
            print(f"README's first command failed:\n{first.stdout}{first.stderr}")
            return 1
        bad = 0
        environment = {**os.environ, "PATH": f"{copy / '.venv/bin'}:{os.environ['PATH']}"}
        for command, output in shown_runs():
            real = subprocess.run(
                ["bash", "-c", command], cwd=copy, capture_output=True, text=True, env=environment
            )
            if not matches(output, real.stdout + real.stderr):
                bad = 1
                print(f"README shows another output of: {command}")
                print(
                    "\n".join(
                        difflib.unified_diff(
                            output.splitlines(),
                            (real.stdout + real.stderr).splitlines(),
                            "README",
                            "real",
                            lineterm="",
                        )
                    )
                )
        return bad


def main() -> int:
    """Do what the options ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--command", choices=("run", "test"))
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.command:
        print(set_up_commands()[options.command])
        return 0
    return check() if options.check else 2


if __name__ == "__main__":
    sys.exit(main())
