"""specs/index/printed.json: what papers and lectures print of the networks that ship, and their totals.

python tools/make_printed.py            # write it
python tools/make_printed.py --check    # exit code 1 where it is stale
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from cnncalc import lectures
from cnncalc.counts.claims import total_of, varied
from cnncalc.counts.judge import Asked, ask, right_or_otherwise
from cnncalc.counts.printed import TOTAL, short_source
from cnncalc.lectures.ask import questions_of
from cnncalc.lectures.cell import same_shape
from cnncalc.lectures.check import Checked, CheckedTable
from cnncalc.network import Network, load, networks
from cnncalc.spec.shipped import specs_folder
from cnncalc.text.numbers import read_number, read_shape

PAGE = specs_folder() / "index" / "printed.json"
TOTALS = ("params", "weights", "macs", "flops", "activations", "memory")


def document() -> dict[str, Any]:
    """Make the index: every network's totals, its claims, and the cells that are not simply right."""
    nets = {name: load(name) for name in networks()}
    entries: dict[str, Any] = {
        name: {
            "title": net.title,
            "family": net.spec.family,
            "totals": {quantity: total_of(net, quantity, None) for quantity in TOTALS},
            "printed": list(claims(net)),
        }
        for name, net in nets.items()
    }
    for table in lectures.check_all():
        for cell in table.cells:
            for name, printing in cell_entries(table, cell, nets):
                if printing not in entries[name]["printed"]:
                    entries[name]["printed"].append(printing)
    return entries


def claims(net: Network) -> Iterator[dict[str, Any]]:
    """Yield the claims of a spec, each with what is computed for it."""
    for claim in net.spec.claims:
        settings = ", ".join(f"{name}={value.text}" for name, value in claim.settings)
        size = "" if claim.input is None else f"input {claim.input.text}"
        yield {
            "place": TOTAL,
            "quantity": claim.quantity,
            "text": claim.written.text,
            "computed": total_of(varied(net, claim), claim.quantity, claim.convention),
            "source": short_source(net.spec.cited, claim.source),
            "kind": "erratum" if claim.story == "erratum" else "claim",
            "why": claim.why,
            "variant": ", ".join(text for text in (settings, size) if text),
        }


def cell_entries(
    table: CheckedTable, cell: Checked, nets: dict[str, Network]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the questions that a cell answers otherwise than right, with the network that they are of."""
    for net, place, quantity, text in questions_of(cell):
        asked = ask(nets[net.name], place, quantity) if net.name in nets else None
        number = read(text, quantity)
        if asked is None or number is None or is_right(asked, number):
            continue
        yield (
            net.name,
            {
                "place": place,
                "quantity": quantity,
                "text": text,
                "computed": asked.right,
                "source": table.printed.cited,
                "kind": "erratum" if cell.status == "erratum" else "lecture",
                "why": cell.stories[0] if cell.stories else "",
                "variant": variant_of(table, cell),
            },
        )


def variant_of(table: CheckedTable, cell: Checked) -> str:
    """Return the settings of a table's own variant of a network."""
    names = cell.row.networks or cell.column.networks or (table.printed.network,)
    own = table.printed.networks.get(names[0])
    given = own.get("set") if own is not None else None
    return ", ".join(f"{key.text}={value.text}" for key, value in getattr(given, "entries", ()))


def is_right(asked: Asked, number: Any) -> bool:
    """Whether the network alone says that a number is right, read or counted in some way."""
    if isinstance(asked.right, tuple):
        return same_shape(number, asked.right)
    return right_or_otherwise(asked, number) is not None


def read(text: str, quantity: str) -> Any:
    """Return a printed text as what its quantity is: a number or a shape; None where it is neither."""
    try:
        return read_shape(text) if quantity == "output" else read_number(text)
    except ValueError:
        return None


def run(arguments: list[str]) -> int:
    """Write the index, or with `--check` say whether it is current; 2 for anything else."""
    if arguments not in ([], ["--check"]):
        print("usage: python tools/make_printed.py [--check]", file=sys.stderr)
        return 2
    text = json.dumps(document(), ensure_ascii=False, indent=1) + "\n"
    if not arguments:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"specs/index/{PAGE.name} is stale; run python tools/make_printed.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
