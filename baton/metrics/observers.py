"""What libraries that know nothing of metrics report, brought into the instruments."""

import re
from functools import partial

from baton.ledger.errors import LedgerError
from baton.metrics import instruments
from baton.orchestra.operations import CallReport, ObserveCall

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def note_ledger_error(error: LedgerError) -> None:
    """Count a failed operation of the ledger, such as `unavailable` or `refused`."""
    name = _WORD.sub("_", type(error).__name__.removeprefix("Ledger")).lower()
    instruments.LEDGER_ERRORS.labels(name).inc()


def call_observer(account: str) -> ObserveCall:
    """Return what counts the calls of an account to Orchestra."""
    return partial(_note_call, account)


def _note_call(account: str, report: CallReport) -> None:
    instruments.ORCHESTRA_CALLS.labels(account, report.operation, report.result).inc()
    instruments.ORCHESTRA_CALL.labels(report.operation).observe(report.seconds)
    if report.reads:
        instruments.READS.labels(account).inc()
