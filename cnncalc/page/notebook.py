"""What a notebook shows of a report: the drawing, the table folded to the top, and the whole table to open."""

from __future__ import annotations

from cnncalc.draw import draw
from cnncalc.report.analysis import Report
from cnncalc.tables import render
from cnncalc.tables.table import table


def notebook_html(report: Report) -> str:
    """Show a report's summary table with the network's drawing above; a table with blocks is folded, and opens whole.

    A report that is folded to a depth is shown as it is.
    """
    if report.depth is not None or all("/" not in row.name for row in report.layers):
        return f"{render(table(report, 'summary'), 'html')}\n{draw(report, depth=report.depth)}"
    folded = render(table(report._replace(depth=1), "summary"), "html")
    whole = render(table(report, "summary"), "html")
    return f"{folded}\n<details><summary>{len(report.layers)} layers</summary>{whole}</details>\n{draw(report)}"


__all__ = ["notebook_html"]
