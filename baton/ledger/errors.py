"""The errors of the ledger, as one tree.

LedgerError
├── LedgerUnavailable   it cannot be reached, is locked, or did not answer in time: a retry may succeed
│   ├── LedgerReadOnly  its file or folder cannot be written
│   └── LedgerDamaged   its file is not a database, or a broken one
├── LedgerIncomplete    it is new or was replaced, and does not have all orders yet
├── LedgerConflict      an index entry already names another workflow: never overwritten, a person must decide
├── LedgerRefused       the database refuses this row: a retry changes nothing
├── LedgerTooNew        its schema belongs to a newer Baton
├── LedgerOutdated      its schema belongs to an older Baton, and only a command upgrades it
└── LedgerUrlError      the URL in `BATON_LEDGER_URL` cannot be used

Every message is one sentence and names the ledger without user data or password.
"""

from baton.redaction import redacted


class LedgerError(Exception):
    """Base of the ledger's errors."""

    def __init__(self, message: str) -> None:
        super().__init__(redacted(message))


class LedgerUnavailable(LedgerError):
    """The ledger cannot be reached, is locked, or did not answer in time; whether a write was done is unknown.

    Attributes:
        name: The ledger, without its password.
        reason: The message of the driver or the system.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the ledger at {name} is unavailable: {reason}")
        self.name = name
        self.reason = redacted(reason)


class LedgerReadOnly(LedgerUnavailable):
    """The file of the ledger, or its folder, is read-only or immutable for this process."""


class LedgerDamaged(LedgerUnavailable):
    """The file of the ledger is not a database, or a broken one."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, f"{reason}; delete its file, and Baton makes a new one from what Temporal has")


class LedgerIncomplete(LedgerError):
    """The ledger is new or was replaced: what is not in it may still be in Temporal."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the ledger at {name} is new or was replaced, and does not have all orders yet: "
            "run `baton ledger rebuild`, or wait for the worker, which rebuilds it by itself"
        )


class LedgerConflict(LedgerError):
    """An index entry already names another workflow.

    Attributes:
        kind: `quote` or `order`.
        key: The quote id or order id.
        account: Its partner account.
        holder: The workflow id that the entry names.
        claimant: The workflow id that was refused.
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
    """The database refuses this row or statement; a retry cannot succeed."""


class LedgerTooNew(LedgerError):
    """The ledger's schema belongs to a newer Baton.

    Attributes:
        found: The ledger's schema version.
        known: The newest schema version that this Baton knows.
    """

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"the ledger at {name} has schema version {found} but this Baton knows only up to {known}: "
            "run the newer Baton, or point BATON_LEDGER_URL at another database"
        )
        self.found = found
        self.known = known


class LedgerOutdated(LedgerError):
    """The ledger has the schema of an older Baton, or none, and `BATON_LEDGER_UPGRADE` leaves the upgrade to a command.

    Attributes:
        found: The ledger's schema version; None if it has no schema.
        needed: The schema version that this Baton needs.
    """

    def __init__(self, name: str, found: str | None, needed: int) -> None:
        has = "no schema" if found is None else f"schema version {found}"
        super().__init__(
            f"the ledger at {name} has {has} but this Baton needs version {needed}, and BATON_LEDGER_UPGRADE=command "
            "leaves that to you: run `baton ledger upgrade`"
        )
        self.found = found
        self.needed = needed


class LedgerUrlError(LedgerError, ValueError):
    """The ledger's URL cannot be used; the message names the remedy and never repeats the URL."""
