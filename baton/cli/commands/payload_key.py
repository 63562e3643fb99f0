"""`baton payload-key`: make and list the keys that encrypt what Temporal stores."""

from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_text

app = typer.Typer(help="Make and list the keys that encrypt what Temporal stores.")


@app.command("new")
@command
def new(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, such as 2026-12; Temporal stores it.")],
    as_json: AsJson = False,
) -> int:
    """Make a key and print its entry for BATON_PAYLOAD_KEYS or the file of BATON_PAYLOAD_KEYS_FILE.

    The first entry encrypts, all of them decrypt; a list that begins with `none` encrypts nothing yet. See
    docs/encryption.md for the order in which processes get a new key.

    [dim]baton payload-key new 2026-12 >> payload-keys[/dim]
    """
    from baton.encryption.keys import InvalidKeys, new_key

    try:
        entry = new_key(key_id)
    except InvalidKeys as error:
        raise CommandFailed(USAGE, "invalid_key_id", f"ID: {error}") from None
    if as_json:
        print_json({"id": key_id, "entry": entry})
    else:
        print_text(entry)
        print_note("Keep it as long as Temporal keeps what it encrypts: without it, orders under way cannot continue.")
    return DONE


@app.command("list")
@command
def list_keys(as_json: AsJson = False) -> int:
    """List the ids of the keys that the settings name, and which one encrypts; no key is shown.

    Exits 1 if the settings name no key.

    [dim]baton payload-key list --json[/dim]
    """
    from baton.encryption.keys import FILE_VARIABLE, VARIABLE, InvalidKeys, PayloadKeys

    try:
        keys = PayloadKeys.from_environment()
    except InvalidKeys as error:
        raise CommandFailed(USAGE, error.code, str(error)) from None
    if keys is None:
        message = f"nothing is encrypted: neither {VARIABLE} nor {FILE_VARIABLE} is set"
        raise CommandFailed(REFUSED, "no_payload_keys", f"{message}; make a key with `baton payload-key new ID`")
    current = keys.current()
    if as_json:
        print_json({"writing": current.writing, "keys": list(current.keys)})
        return DONE
    for key_id in current.keys:
        print_text(f"{key_id}  {'encrypts and decrypts' if key_id == current.writing else 'decrypts'}")
    if current.writing is None:
        print_note("The list begins with `none`: what is written stays in clear.")
    return DONE
