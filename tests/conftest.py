"""What all tests share: the option that accepts new snapshots, and a Hypothesis that tries the same each time.

In a sweep it tries what `--hypothesis-seed` says.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from extent import SWEEP, tries
from hypothesis import settings

settings.register_profile(
    "cnncalc", deadline=None, derandomize=not SWEEP, database=None, max_examples=tries(40, 200)
)
settings.load_profile("cnncalc")


def pytest_collection_finish() -> None:
    """Leave what was imported alone: the collector need not look at it after each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Nothing of cnncalc opens a connection; a browser's driver on this machine may."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"a connection to {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--overwrite", action="store_true", help="write the snapshots in tests/cli anew"
    )


@pytest.fixture
def overwrite(request: pytest.FixtureRequest) -> bool:
    """Whether snapshots are to be written rather than compared."""
    return bool(request.config.getoption("--overwrite"))
