"""docs/errata.md: every cell of the lectures' printed tables that is wrong, made from specs/lectures/.

python tools/make_errata.py            # write it
python tools/make_errata.py --check    # exit code 1 where it is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from cnncalc import lectures
from cnncalc.lectures.errata import errata_page

PAGE = Path(__file__).parent.parent / "docs" / "errata.md"
HEAD = "<!-- Made by tools/make_errata.py from specs/lectures/; change those. -->\n\n"


def run(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is current; 2 for anything else."""
    if arguments not in ([], ["--check"]):
        print("usage: python tools/make_errata.py [--check]", file=sys.stderr)
        return 2
    text = HEAD + errata_page(lectures.check_all())
    if not arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"docs/{PAGE.name} is stale; run python tools/make_errata.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
