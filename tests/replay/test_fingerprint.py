"""A change to the order of a workflow's commands is never made by accident."""

import ast

from tests.replay import fingerprint as check

ADVICE = """
The workflows make their commands in another order, or others, than the stored fingerprint says:
  {changes}
Open orders replay this change. If every stored history still replays (tests/replay/test_replay.py) and no open order
can stand between the old and the new order of commands, renew the fingerprint:
  python -m tests.replay.fingerprint --write
Otherwise keep the old way under `workflow.patched("name-of-the-change")`, record a history of the new way, renew it.
"""


def test_the_commands_of_the_workflows_are_the_reviewed_ones() -> None:
    found = check.changes(check.stored(), check.fingerprint())

    assert not found, ADVICE.format(changes="\n  ".join(found))


def test_an_added_a_removed_and_a_moved_command_are_told_apart() -> None:
    before = {"order.run": ["sleep", "execute_activity"], "order.gone": ["sleep"]}
    after = {"order.run": ["execute_activity", "sleep"], "order.new": ["sleep"]}

    assert [change.split(":")[0] for change in check.changes(before, after)] == ["order.gone", "order.new", "order.run"]


def test_commands_are_read_in_the_order_of_the_code() -> None:
    body = "await workflow.sleep(1)\n    x = [workflow.execute_activity('a'), asyncio.create_task(b())]"
    source = f"async def run():\n    {body}"
    function = ast.parse(source).body[0]

    assert check._commands(function) == ["sleep", "execute_activity", "create_task"]


def test_what_makes_no_command_is_left_out() -> None:
    assert "deadlines.next_deadline" not in check.fingerprint()
    assert "vigil.Vigil.tell" in check.fingerprint()
