"""What all tests share: the option that accepts new snapshots, and a Hypothesis that tries the same each time."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("cnncalc", deadline=None, derandomize=True, database=None)
settings.load_profile("cnncalc")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--overwrite", action="store_true", help="write the snapshots in tests/cli anew"
    )


@pytest.fixture
def overwrite(request: pytest.FixtureRequest) -> bool:
    """Whether snapshots are to be written rather than compared."""
    return bool(request.config.getoption("--overwrite"))
