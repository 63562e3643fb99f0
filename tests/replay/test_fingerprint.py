"""A change of the workflow code's commands shows up in the review."""

from pathlib import Path

import pytest

from tests.replay.commands import Fingerprint, read
from tests.replay.fingerprint import baseline, difference

CODE = """
class Order:
    async def run(self):
        await self._ask()
        await workflow.wait_condition(lambda: self._has_work)

    async def _ask(self):
        handle = workflow.start_activity(QUOTE, summary="ask")
        if self._long:
            await workflow.sleep(5)
        workflow.set_current_details("asked")
        return await handle

    def _status(self):
        return set(self._statuses)

    def set(self, at):
        asyncio.create_task(workflow.sleep(at, summary="ring"))
"""


def fingerprint_of(folder: Path, code: str) -> Fingerprint:
    (folder / "order.py").write_text(code)
    return read(folder)


def test_the_workflow_code_gives_the_commands_of_the_baseline() -> None:
    report = difference(baseline(), read())

    assert not report, report


def test_calls_that_give_commands_are_listed_in_their_order(tmp_path: Path) -> None:
    assert fingerprint_of(tmp_path, CODE) == {
        "order.Order._ask": ["workflow.start_activity(QUOTE)", "workflow.sleep"],
        "order.Order.run": ["self._ask", "workflow.wait_condition"],
        "order.Order.set": ["workflow.sleep", "asyncio.create_task(workflow.sleep)"],
    }


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("await self._ask()", "pass", "- self._ask"),
        ("start_activity(QUOTE", "start_activity(PRICE", "+ workflow.start_activity(PRICE)"),
        ("return await handle", "return await other(workflow.sleep(1))", "+ workflow.sleep"),
        ("await workflow.sleep(5)", "pass", "- workflow.sleep"),
        (
            "        await self._ask()\n",
            "        await workflow.sleep(1)\n        await self._ask()\n",
            "+ workflow.sleep",
        ),
    ],
)
def test_an_added_removed_or_moved_command_is_reported_with_advice(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    before = fingerprint_of(tmp_path, CODE)

    report = difference(before, fingerprint_of(tmp_path, CODE.replace(old, new)))

    assert line in report
    assert "workflow.patched(" in report
    assert "python -m tests.replay.fingerprint --write" in report


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sleep(5)", "sleep(50)"),
        ('summary="ask"', 'summary="ask for a quote"'),
        ('summary="ring"', 'summary="ding"'),
        ('set_current_details("asked")', 'set_current_details("done")'),
        ("return set(self._statuses)", "return len(self._statuses)"),
    ],
)
def test_a_change_that_replays_unharmed_is_not_reported(tmp_path: Path, old: str, new: str) -> None:
    before = fingerprint_of(tmp_path, CODE)

    assert difference(before, fingerprint_of(tmp_path, CODE.replace(old, new))) == ""
