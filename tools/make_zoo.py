"""specs/index/zoo.json: the networks that ship, with their totals and aliases, so that nothing is walked to list them.

python tools/make_zoo.py            # write it
python tools/make_zoo.py --check    # exit code 1 where it is stale
"""

from __future__ import annotations

import sys

from cnncalc.zoo import index_file, index_text


def main() -> int:
    """Write the index, or check it."""
    text = index_text()
    if "--check" in sys.argv[1:]:
        stale = not index_file().is_file() or index_file().read_text(encoding="utf-8") != text
        print("stale: run python tools/make_zoo.py" if stale else "up to date")
        return int(stale)
    index_file().write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
