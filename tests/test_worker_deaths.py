"""A worker that dies under the tests fails one of them at once, and not each later one by its time limit."""

import pytest

from tests.worker_deaths import MOST_DEATHS, check_deaths, start_again


class Worker:
    """Dies so often, then serves."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths
        self.starts = 0

    async def serve(self) -> None:
        self.starts += 1
        if self.starts <= self.deaths:
            raise UserWarning("an activity was not found")


async def test_a_worker_that_died_serves_again_and_fails_one_test(caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker(deaths=1)

    await start_again(worker.serve)

    assert worker.starts == 2
    with pytest.raises(AssertionError, match="an activity was not found"):
        check_deaths()
    check_deaths()
    assert "UserWarning" in caplog.text


async def test_a_worker_that_dies_again_and_again_is_given_up() -> None:
    worker = Worker(deaths=MOST_DEATHS + 1)

    with pytest.raises(UserWarning):
        await start_again(worker.serve)

    with pytest.raises(AssertionError):
        check_deaths()
