"""Options of the tests."""

import pytest
from hypothesis import settings

# A slow machine is no fault of the code.
settings.register_profile("baton", deadline=None)
settings.load_profile("baton")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-boundary",
        action="store_true",
        help="kill the worker at the writes of the read model too, not only at the calls of Orchestra; takes minutes",
    )
