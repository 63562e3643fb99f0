"""`baton ledger version` and `baton ledger upgrade`: which schema the ledger has, and the way to this Baton's."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, REFUSED, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_text
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.ledger.inspection import LedgerInspection

LOOK_TIMEOUT = 5.0
"""Seconds that a look at the ledger may take."""


@command
def version(as_json: AsJson = False) -> int:
    """Show which schema version the ledger has, and which one this Baton needs; exits 1 if they differ.

    Nothing is changed, and no file is made.

    [dim]baton ledger version --json[/dim]
    """
    from baton.process.lifecycle import run_main

    return run_main(_version(join_stack().ledger, as_json=as_json))


async def _version(url: str, *, as_json: bool) -> int:
    from baton.ledger.inspection import LedgerState, inspect_ledger
    from baton.ledger.schema import SCHEMA_VERSION

    found = await inspect_ledger(url, LOOK_TIMEOUT)
    if as_json:
        print_json(
            {"ledger": found.name, "state": found.state, "version": found.version.number, "needed": SCHEMA_VERSION}
        )
    else:
        print_text(f"the ledger at {found.name} {_in_words(found)}; this Baton needs version {SCHEMA_VERSION}")
    return DONE if found.state is LedgerState.CURRENT else REFUSED


@command
def upgrade(
    to: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="The schema version; the newest one without it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the SQL.")] = False,
    as_json: AsJson = False,
) -> int:
    """Bring the ledger to the schema of this Baton, or create it; a ledger that has it stays as it is.

    It is done whole or not at all, and once, even if several processes do it at the same moment. A ledger does not go
    back to an older version. With BATON_LEDGER_UPGRADE=command nothing else upgrades the ledger.

    [dim]baton ledger upgrade --dry-run[/dim]
    """
    from baton.process.lifecycle import run_main

    url, target = join_stack().ledger, _target(to)
    return run_main(_dry_run(url, target, as_json=as_json) if dry_run else _upgrade(url, target, as_json=as_json))


def _target(text: str | None) -> int:
    from baton.ledger.migrator import known_versions

    known = known_versions()
    if text is None:
        return known[-1]
    if not text.isdecimal() or int(text) not in known:
        names = ", ".join(map(str, known))
        raise CommandFailed(USAGE, "invalid_argument", f"--to: {text} is no schema version of this Baton: {names}")
    return int(text)


async def _upgrade(url: str, to: int, *, as_json: bool) -> int:
    from baton.ledger.database import Database

    database = Database(url, LOOK_TIMEOUT)
    try:
        found = await database.upgrade(to)
    finally:
        await database.close()
    _refuse_return(database.name, found.number, to)
    changed = found.lacks(to)
    if as_json:
        print_json({"ledger": database.name, "before": found.number, "version": to, "upgraded": changed, "sql": None})
    elif not changed:
        print_text(f"the ledger at {database.name} has schema version {to} already")
    elif found.number:
        print_text(f"the ledger at {database.name} was upgraded from schema version {found} to {to}")
    else:
        print_text(f"the ledger at {database.name} was created with schema version {to}")
    return DONE


async def _dry_run(url: str, to: int, *, as_json: bool) -> int:
    from baton.ledger.inspection import inspect_ledger, upgrade_sql

    found = await inspect_ledger(url, LOOK_TIMEOUT)
    sql = await upgrade_sql(url, LOOK_TIMEOUT, to)
    _refuse_return(found.name, found.version.number, to)
    if as_json:
        print_json({"ledger": found.name, "before": found.version.number, "version": to, "upgraded": False, "sql": sql})
    else:
        typer.echo(sql or f"-- the ledger at {found.name} has schema version {to} already")
    return DONE


def _refuse_return(name: str, found: int, to: int) -> None:
    from baton.ledger.setup import check_version

    check_version(name, found)
    if found > to:
        message = (
            f"--to: the ledger has schema version {found} and does not go back to {to}: restore a backup of that "
            "version, or let that version of Baton make a new ledger with `baton ledger rebuild`"
        )
        raise CommandFailed(USAGE, "no_downgrade", message)


def _in_words(found: "LedgerInspection") -> str:
    return f"has schema version {found.version}" if found.version.number else "does not exist yet"
