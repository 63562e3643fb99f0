"""A role that may not do what it is to do is one sentence with a remedy; the rights of the page are enough."""

import re
from collections.abc import Callable

import psycopg
import pytest

from baton.ledger.errors import LedgerUnavailable
from baton.ledger.inspection import inspect_ledger
from baton.ledger.ledger import Ledger
from tests.ledger.examples import ORDER, order, timeline
from tests.ledger.test_events import event
from tests.ledger.test_password import NEW, OLD, Role
from tests.paths import ROOT
from tests.postgres import PrivatePostgres

PAGE = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


async def test_the_rights_of_the_page_are_enough_for_orders(postgres: PrivatePostgres) -> None:
    (rights,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    owner = postgres.create_database()
    app = owner.replace("baton@", "baton_app@")
    run(postgres.url(), "CREATE ROLE baton_app LOGIN")
    with pytest.raises(LedgerUnavailable, match="permission denied for schema public; give the role"):
        await Ledger.open(app)
    await (await Ledger.open(owner)).close()
    with pytest.raises(LedgerUnavailable, match=r"permission denied for table .*; give the role"):
        await Ledger.open(app, upgrades="command")
    run(owner, rights, "CREATE TABLE baton_of_a_later_version (number SERIAL PRIMARY KEY)")
    async with await Ledger.open(app, upgrades="command") as ledger:
        assert await ledger.write_order(order(), timeline("processing"), events=[event("placed")])
        assert await ledger.order(ORDER) == order()
    run(app, "INSERT INTO baton_of_a_later_version DEFAULT VALUES")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda url: url.replace(OLD, NEW), "correct the user or the password"),
        (lambda url: url.replace(f":{OLD}", ""), "set BATON_LEDGER_PASSWORD_FILE or BATON_LEDGER_PASSWORD"),
        (lambda url: f"{url}_of_nobody", "create that database, or correct BATON_LEDGER_URL"),
    ],
    ids=["wrong password", "no password", "no such database"],
)
async def test_a_login_that_fails_says_what_to_correct(
    broken: Callable[[str], str], words: str, postgres: PrivatePostgres
) -> None:
    role = Role(postgres)
    url = broken(re.sub(r"//(\w+)@", rf"//\1:{OLD}@", role.url))
    for look in (Ledger.open(url), inspect_ledger(url, 5.0)):
        with pytest.raises(LedgerUnavailable, match=words) as failed:
            await look
        assert not {OLD, NEW} & set(re.findall(r"\w+", str(failed.value)))
