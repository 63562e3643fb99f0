"""`/ops/holds`: stop submits or approvals, see what waits behind each hold, and release it."""

from starlette.responses import Response
from starlette.routing import Route

from baton.accounts.tokens import Verb
from baton.gateway.api import holds as api
from baton.gateway.ops.forms import checked_body
from baton.gateway.ops.frame import ROOT, OperatorFrame, may
from baton.gateway.ops.visit import Visit, see_other
from baton.holds.models import MAX_REASON, HeldCalls, HoldLine
from baton.holds.unknown_names import assets_of, unknown_names

_PATH = "/holds"
_RELEASE = "/holds/{hold_id}/release"


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of holds and their releases."""
    return [
        frame.page(_PATH, show_holds),
        frame.form(_PATH, place_hold),
        frame.page(_RELEASE, ask_release),
        frame.form(_RELEASE, release_hold),
    ]


async def show_holds(visit: Visit) -> Response:
    """Return what is on hold, the releases, and the form of a new hold."""
    holds = await visit.client.holds(visit.accounts())
    return visit.page(
        "holds.html.jinja",
        holds=holds,
        doubts={line.hold.id: unknown_names(line.hold, assets_of(visit.frame.chains)) for line in holds.holds},
        calls=list(HeldCalls),
        can_hold=may(visit.caller, Verb.OPERATE),
        covers_all=visit.caller.own_accounts is None,
        longest=MAX_REASON,
        done=visit.query("done"),
    )


async def place_hold(visit: Visit) -> Response:
    """Stop calls."""
    visit.caller.require(Verb.OPERATE)
    names = ("what", "reason", "account", "route")
    body = checked_body(api.HoldBody, **{name: visit.field(name) for name in names})
    await api.place_hold(body, visit.caller, visit.client, visit.parts)
    return see_other(f"{ROOT}{_PATH}?done=held")


async def ask_release(visit: Visit) -> Response:
    """Return the page that asks before a release, with what waits behind the hold."""
    visit.caller.require(Verb.OPERATE)
    hold_id = visit.request.path_params["hold_id"]
    found = await visit.client.holds(visit.accounts())
    lines = [*found.holds, *(HoldLine(hold=release.hold) for release in found.releasing)]
    line = next((line for line in lines if line.hold.id == hold_id), None)
    if line is None:
        return visit.page("error.html.jinja", 404, name="no_hold")
    return visit.page("release.html.jinja", line=line, longest=MAX_REASON)


async def release_hold(visit: Visit) -> Response:
    """Let the calls pass again, and release the orders that wait."""
    visit.caller.require(Verb.OPERATE)
    body = checked_body(api.ReleaseBody, reason=visit.field("reason"), rate=visit.field("rate"))
    await api.release_hold(visit.request.path_params["hold_id"], body, visit.caller, visit.client)
    return see_other(f"{ROOT}{_PATH}?done=released")
