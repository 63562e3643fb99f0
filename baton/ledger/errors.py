"""Everything that can go wrong with the ledger, as one tree.

LedgerError
├── LedgerUnavailable   it cannot be reached, is locked, or did not answer in time: the same call may pass later
├── LedgerConflict      an index entry already points to another workflow: never overwritten, a person must look
├── LedgerRefused       the database will not take this very row: trying again changes nothing
├── LedgerTooNew        its schema is of a newer Baton
└── LedgerUrlError      the URL in `BATON_LEDGER_URL` cannot be used

Every text is one sentence and names the ledger without user data or password.
"""


class LedgerError(Exception):
    """Base of every failure of the ledger."""


class LedgerUnavailable(LedgerError):
    """The ledger cannot be reached, is locked, or did not answer in time; whether a write was done is unknown.

    Attributes:
        name: Which ledger, without its password.
        reason: What happened, in the words of the driver or of the system.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the ledger at {name} is unavailable: {reason}")
        self.name = name
        self.reason = reason


class LedgerConflict(LedgerError):
    """An index entry already points to another workflow than the one given.

    Attributes:
        kind: `quote` or `order`.
        key: The id that is taken.
        account: Partner account it belongs to.
        holder: Workflow id that the entry points to.
        claimant: Workflow id that was refused.
    """

    def __init__(self, kind: str, key: str, *, account: str, holder: str, claimant: str) -> None:
        super().__init__(
            f"{kind} {key} of account {account} already belongs to workflow {holder}; refused for {claimant}"
        )
        self.kind = kind
        self.key = key
        self.account = account
        self.holder = holder
        self.claimant = claimant


class LedgerRefused(LedgerError):
    """The database will not take this row or statement; the same call cannot pass later either."""


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer Baton."""

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"the ledger at {name} has schema version {found} but this Baton knows only up to {known}: "
            "run the newer Baton, or point BATON_LEDGER_URL at another database"
        )
        self.found = found
        self.known = known


class LedgerUrlError(LedgerError, ValueError):
    """The ledger's URL cannot be used; the text names the remedy and never repeats the URL."""
