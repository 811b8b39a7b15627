"""cnncalc: shapes, parameters, operations, memory and receptive fields of convolutional networks, exactly.

import cnncalc
net = cnncalc.load("vgg16", input=224)
report = net.report()
report.totals.params            # 138357544
"""

from cnncalc.network import Network, from_torch, layer, load, loads, networks
from cnncalc.report.analysis import Report, Row, Totals
from cnncalc.text.source import Problem, SpecError

__version__ = "0.4.0"
__all__ = [
    "Network",
    "Problem",
    "Report",
    "Row",
    "SpecError",
    "Totals",
    "from_torch",
    "layer",
    "load",
    "loads",
    "networks",
]
