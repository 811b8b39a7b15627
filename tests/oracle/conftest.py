"""Which oracles must be there.

`CNNCALC_ORACLES=torch pytest tests/oracle` fails without PyTorch; without the variable,
the tests that need it are skipped.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest

PROMISED = os.environ.get("CNNCALC_ORACLES", "").replace(",", " ").split()
"""The oracles that must be there."""


def require(module: str) -> Any:
    """Import an oracle; without it skip the tests of the calling module, or fail if CNNCALC_ORACLES promises it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        if module in PROMISED:
            raise
    pytest.skip(f"{module} is not installed", allow_module_level=True)
