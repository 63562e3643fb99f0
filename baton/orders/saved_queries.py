"""The questions that operators ask of all orders, as queries and links of the Temporal UI. Pure.

Here is the one place that defines them: `baton up`, the operator page and docs/temporal-ui.md all take them from here.
"""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from baton.orders.names import ORDER_WORKFLOW
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.wait_plans import BUSINESS, CHAIN, OPERATOR, ORCHESTRA, PAYER
from baton.orders.visibility import ATTENTION, ATTENTION_REASON, PARTNER, ROUTE, STATUS, WAITING_FOR

_ORDERS = f"WorkflowType = '{ORDER_WORKFLOW}'"
_OPEN = "ExecutionStatus = 'Running'"
_OVERDUE = (AttentionReason.OVERDUE, AttentionReason.REFUND_OVERDUE, AttentionReason.DEPOSIT_WITHOUT_ORDER)
_LATE_MONEY = (AttentionReason.LATE_DEPOSIT,)

EXAMPLE_ROUTE = "base:USDC>spark:BTC"
EXAMPLE_ACCOUNT = "default"


class SavedQuery(NamedTuple):
    """One question to all workflows.

    Attributes:
        name: A short name for links and JSON.
        title: What it finds, in a few words.
        query: The query, as the Temporal UI and `temporal workflow list` take it.
        note: What to know about its answer.
    """

    name: str
    title: str
    query: str
    note: str

    def link(self, ui_url: str, namespace: str) -> str:
        """Return the address of its answer in the Temporal UI.

        Args:
            ui_url: Where the Temporal UI is, such as `http://127.0.0.1:8233`.
            namespace: The Temporal namespace.
        """
        return f"{ui_url.rstrip('/')}/namespaces/{quote(namespace)}/workflows?{urlencode({'query': self.query})}"


def of_route(route: str) -> SavedQuery:
    """Return the query for the orders of a route, written `chain:ASSET>chain:ASSET`."""
    note = "Another route: change it in the query. `STARTS_WITH 'base:'` finds all that begin on Base."
    return SavedQuery("route", f"orders of {route}", _where(_ORDERS, _is(ROUTE.name, route)), note)


def of_account(account: str) -> SavedQuery:
    """Return the query for the open orders of a partner account."""
    note = "Another account: change it in the query. Without the status it finds the ended orders too."
    return SavedQuery(
        "account", f"open orders of account {account}", _where(_ORDERS, _OPEN, _is(PARTNER.name, account)), note
    )


def saved_queries(*, route: str = EXAMPLE_ROUTE, account: str = EXAMPLE_ACCOUNT) -> tuple[SavedQuery, ...]:
    """Return every saved query, the most urgent first."""
    return (*SAVED, of_route(route), of_account(account))


def workflow_link(ui_url: str, namespace: str, workflow_id: str) -> str:
    """Return the address of a workflow in the Temporal UI."""
    return f"{ui_url.rstrip('/')}/namespaces/{quote(namespace)}/workflows/{quote(workflow_id, safe='')}"


def _where(*terms: str) -> str:
    return " AND ".join(terms)


def _is(name: str, value: str) -> str:
    return f"{name} = '{value.replace(chr(92), '').replace(chr(39), '')}'"


def _any_of(reasons: tuple[AttentionReason, ...]) -> str:
    return f"{ATTENTION_REASON.name} IN ({', '.join(repr(reason.value) for reason in reasons)})"


def _waiting(who: str, title: str, note: str) -> SavedQuery:
    return SavedQuery(f"waiting-for-{who}", title, _where(_ORDERS, _OPEN, _is(WAITING_FOR.name, who)), note)


SAVED = (
    SavedQuery(
        "attention",
        "needs a person",
        _where(_OPEN, f"{ATTENTION.name} = true"),
        "Orders, ended orders with open reasons, addresses, pay links and claims. `BatonAttentionReason` says why.",
    ),
    _waiting(
        OPERATOR,
        "waiting for an operator",
        "Their wait took longer than planned, or a hold stops them.",
    ),
    _waiting(BUSINESS, "waiting for the business", "A decision or a correct deposit report is due."),
    SavedQuery(
        "overdue",
        "overdue",
        _where(_OPEN, _any_of(_OVERDUE)),
        "Open orders whose wait, refund or deposit takes longer than planned.",
    ),
    SavedQuery(
        "refunds",
        "refunds under way",
        _where(_ORDERS, _OPEN, _is(STATUS.name, "refunding")),
        "Each has a workflow of its own, which ends in `/refund`.",
    ),
    SavedQuery(
        "late-money",
        "late money",
        _where(_OPEN, _any_of(_LATE_MONEY)),
        "Money came to an order that had ended, and a person must decide what becomes of it.",
    ),
    SavedQuery(
        "failed",
        "failed before payment",
        _where(_ORDERS, "ExecutionStatus = 'Failed'"),
        "Refused before anybody could pay: red in the list. Their references can be placed again.",
    ),
    SavedQuery(
        "stopped",
        "stopped by hand",
        _where(_ORDERS, "ExecutionStatus IN ('Terminated', 'Canceled', 'TimedOut')"),
        "Somebody ended the workflow in Temporal; the sweep asks a person to look.",
    ),
    _waiting(PAYER, "waiting for the payer", "Nothing is paid yet."),
    _waiting(ORCHESTRA, "waiting for Orchestra", "Orchestra works on them, or owes an answer."),
    _waiting(CHAIN, "waiting for a chain", "A deposit is not confirmed yet."),
)
"""The queries without a value to choose, the most urgent first."""
