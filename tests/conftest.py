"""Options of the tests, and what each test checks."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.worker_deaths import check_deaths

# A slow machine is no fault of the code.
settings.register_profile("baton", deadline=None)
settings.load_profile("baton")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-boundary",
        action="store_true",
        help="kill the worker at the writes of the read model too, not only at the calls of Orchestra; takes minutes",
    )


@pytest.fixture(autouse=True)
def no_worker_dies() -> Iterator[None]:
    """Fail the test during which a worker died that later tests need too."""
    yield
    check_deaths()
