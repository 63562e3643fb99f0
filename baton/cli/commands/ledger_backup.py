"""`baton ledger backup`: copies a SQLite ledger while processes use it."""

from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_text
from baton.cli.session import join_stack


@command
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; it must not be there yet.")],
    as_json: AsJson = False,
) -> int:
    """Copy a SQLite ledger into a new file, while workers and gateways use it.

    For PostgreSQL use its own pg_dump, as docs/backup.md shows.

    [dim]baton ledger backup /backups/ledger.db[/dim]
    """
    from baton.ledger.backup import copy_file
    from baton.ledger.engine import is_sqlite, parse_url, public_name

    url = parse_url(join_stack().ledger)
    if not is_sqlite(url):
        message = f"the ledger at {public_name(url)} is not a SQLite file; use pg_dump, as docs/backup.md shows"
        raise CommandFailed(USAGE, "not_sqlite", message)
    source = Path(str(url.database))
    if not source.exists():
        raise CommandFailed(REFUSED, "no_ledger", f"there is no ledger at {public_name(url)}")
    try:
        size = copy_file(source, file)
    except FileExistsError:
        raise CommandFailed(USAGE, "file_exists", f"FILE: {file} is there already; name a new file") from None
    except OSError as error:
        raise CommandFailed(REFUSED, "not_copied", f"FILE: {error.strerror or error}") from None
    if as_json:
        print_json({"ledger": public_name(url), "file": str(file), "bytes": size})
    else:
        print_text(f"{file} has the ledger at {public_name(url)}, {size} bytes")
    return DONE
