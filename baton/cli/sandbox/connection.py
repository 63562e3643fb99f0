"""The way to the sandbox of a partner account, after a check that it is one.

The calls of the sandbox's admin API must never reach a real Orchestra. So a name that no sandbox answers to is refused
without any call, and everything else is first asked, without a key, whether it is a sandbox.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from baton.cli.errors import REFUSED, UNREACHABLE, USAGE, CommandFailed
from baton.cli.partner import find_account

if TYPE_CHECKING:
    from baton.local.sandbox.control import SandboxControl
    from baton.settings import Settings

_REMEDY = "`baton up` and `baton sandbox` start one; ORCHESTRA_BASE_URL says where it is"


@asynccontextmanager
async def open_sandbox(settings: "Settings", account: str) -> "AsyncIterator[SandboxControl]":
    """Open the admin API of the sandbox that an account uses.

    Raises:
        CommandFailed: There is no such account, it uses no sandbox, or the sandbox does not answer; or the sandbox
            refused a call in the block.
    """
    import httpx

    from baton.local.sandbox.control import SandboxControl, SandboxRefused

    url = find_account(settings, account).base_url
    _require_possible(url, account)
    async with SandboxControl(url) as sandbox:
        try:
            await _require_sandbox(sandbox, account)
            yield sandbox
        except SandboxRefused as refusal:
            raise CommandFailed(REFUSED, refusal.code, f"the sandbox refused it: {refusal}") from None
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise CommandFailed(
                UNREACHABLE, "sandbox_unreachable", f"the sandbox at {url} does not answer ({reason}); {_REMEDY}"
            ) from None


def _require_possible(url: str, account: str) -> None:
    from baton.local.sandbox.admin.origins import is_own_name

    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        raise CommandFailed(USAGE, "settings", f"account {account}: base_url {url!r} is not a URL; {_REMEDY}") from None
    if not is_own_name(name):
        raise _no_sandbox(url, account)


async def _require_sandbox(sandbox: "SandboxControl", account: str) -> None:
    from baton.local.sandbox.control import SandboxRefused
    from baton.local.sandbox.options import SERVICE

    try:
        health: Any = await sandbox.health()
    except (SandboxRefused, ValueError, LookupError, TypeError):
        health = None  # whatever answers, it does not speak as a sandbox
    if not isinstance(health, dict) or health.get("service") != SERVICE:
        raise _no_sandbox(sandbox.base_url, account)


def _no_sandbox(url: str, account: str) -> CommandFailed:
    message = f"account {account} uses {url}, which is not a sandbox, so nothing was paid or changed; {_REMEDY}"
    return CommandFailed(USAGE, "not_a_sandbox", message)
