"""`baton token`: make and list the tokens of the order API."""

import re
from typing import Annotated

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_text
from baton.cli.session import join_stack

app = typer.Typer(help="Make and list the tokens of the order API.")


@app.command("new")
@command
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the token; acts are recorded with it.")],
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account", metavar="NAME", help="Partner account that it covers; repeatable.", show_default="all"
        ),
    ] = None,
    verb: Annotated[
        list[str] | None,
        typer.Option(
            "--verb",
            metavar="VERB",
            help="What it may do: read, place, report, decide, operate or notify; repeatable.",
            show_default="all",
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Make a token and print it; only its hash is kept, in BATON_TOKENS_FILE or in tokens.toml under BATON_HOME.

    A running gateway knows it within a second. To revoke a token, delete its table in the file.

    [dim]baton token new shop --account default --verb read --verb place --verb report[/dim]
    """
    from baton.accounts.tokens import ALL, NAME_PATTERN, TokenEntry, Verb, hash_of, new_token
    from baton.cli.files.tokens import add_token

    _check(name, NAME_PATTERN, "NAME")
    for covered in account or []:
        _check(covered, NAME_PATTERN, "--account")
    for allowed in verb or []:
        if allowed not in list(Verb):
            raise CommandFailed(USAGE, "invalid_verb", f"--verb: there is no {allowed!r}; use {', '.join(Verb)}")
    token, file = new_token(), join_stack().tokens
    entry = TokenEntry(hash=hash_of(token), accounts=account or [ALL], verbs=verb or [ALL])
    add_token(file, name, entry)
    if as_json:
        print_json({"name": name, "token": token, "file": str(file), **entry.model_dump(exclude={"hash"})})
    else:
        print_text(token)
        print_note(f"This is the only time that it is shown; {file} keeps its hash, as [tokens.{name}].")
    return DONE


@app.command("list")
@command
def list_tokens(as_json: AsJson = False) -> int:
    """List the tokens of the file: names, accounts and verbs. BATON_API_TOKEN is not in it.

    [dim]baton token list[/dim]
    """
    from baton.accounts.tokens import read_tokens

    file = join_stack().tokens
    entries = read_tokens(file) if file.exists() else {}
    lines = [{"name": name, **entry.model_dump(exclude={"hash"})} for name, entry in sorted(entries.items())]
    if as_json:
        print_json({"file": str(file), "tokens": lines})
    elif not lines:
        print_note(f"There is no token in {file}; `baton token new NAME` makes one.")
    else:
        print_text("\n".join(f"{line['name']}: {_covered(line)}" for line in lines))
    return DONE


def _covered(line: dict[str, object]) -> str:
    """Return in words what a token covers."""
    accounts, verbs = (", ".join(map(str, _texts(line[part]))) for part in ("accounts", "verbs"))
    return f"accounts {accounts}; verbs {verbs}".replace("accounts *", "all accounts").replace("verbs *", "all verbs")


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _check(name: str, pattern: str, what: str) -> None:
    if not re.fullmatch(pattern, name):
        remedy = "use small letters, digits, dashes and underscores, and begin with a letter or digit"
        raise CommandFailed(USAGE, "invalid_name", f"{what}: {name!r} is no name; {remedy}")
