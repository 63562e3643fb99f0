"""The anomalies of an order: each is kept once, and only so many of each kind. Pure.

Orchestra may send anything, any number of times, and an order carries its anomalies for life. Those that are left out
are counted, so that people see that there were more; the full webhooks are in the ledger.
"""

from collections.abc import Iterable

from baton.orders.observation import Anomaly, OrderView

MAX_ANOMALIES = 50
"""How many anomalies of one kind an order keeps: the first ones, so that no flood of one kind hides another."""


def with_anomalies(view: OrderView, new: Iterable[Anomaly]) -> OrderView:
    """Return the view with new anomalies; one that is known changes nothing, one too many is only counted."""
    for anomaly in new:
        view = _with_anomaly(view, anomaly)
    return view


def _with_anomaly(view: OrderView, new: Anomaly) -> OrderView:
    # Not by `in`: the comparison of models is slow, and a flood compares thousands.
    messages = [known.message for known in view.anomalies if known.kind is new.kind]
    if new.message in messages:
        return view
    if len(messages) >= MAX_ANOMALIES:
        return view.model_copy(update={"anomalies_left_out": view.anomalies_left_out + 1})
    return view.model_copy(update={"anomalies": [*view.anomalies, new]})


def without_anomaly(view: OrderView, settled: Anomaly) -> OrderView:
    """Return the view without an anomaly that turned out to be none."""
    rest = [known for known in view.anomalies if (known.kind, known.message) != (settled.kind, settled.message)]
    return view.model_copy(update={"anomalies": rest})
