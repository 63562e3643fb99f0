"""The shop's own database: its sales, and the notifications that it has handled."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

_TABLES = """
CREATE TABLE IF NOT EXISTS sales (
    id TEXT PRIMARY KEY, item TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, instruction TEXT, pay_at TEXT
);
CREATE TABLE IF NOT EXISTS handled (event_id TEXT PRIMARY KEY);
"""


class MugSale(NamedTuple):
    """One sale: `waiting` for its payment, `paid`, `unpaid`, or `question` where a person has to look."""

    id: str
    item: str
    state: str
    note: str
    instruction: str | None
    """What the payer has to do; None until the order is placed."""
    pay_at: str | None
    """Baton's page that says it, and follows the payment."""


class Sales:
    """Sales in an SQLite file.

    Args:
        file: The file; it is made if there is none.
    """

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file)
        self._database.executescript(_TABLES)

    def add(self, sale_id: str, item: str) -> None:
        """Add a sale that waits for its payment."""
        with self._database:
            self._database.execute("INSERT INTO sales VALUES (?, ?, 'waiting', '', NULL, NULL)", (sale_id, item))

    def find(self, sale_id: str) -> MugSale | None:
        """Return a sale, or None."""
        query = "SELECT id, item, state, note, instruction, pay_at FROM sales WHERE id = ?"
        row = self._database.execute(query, (sale_id,)).fetchone()
        return MugSale(*row) if row else None

    def show_payer(self, sale_id: str, instruction: str, pay_at: str | None) -> None:
        """Keep what the payer has to do, and the page that says it."""
        change = "UPDATE sales SET instruction = ?, pay_at = ? WHERE id = ?"
        with self._database:
            self._database.execute(change, (instruction, pay_at, sale_id))

    def handle(self, event_id: str, sale_id: str, state: str | None, note: str) -> bool:
        """Change a sale because of a notification, unless it was handled before; return whether it was new.

        Both in one transaction: after a crash the notification comes again, and is handled once.
        """
        with self._database:
            new = self._database.execute("INSERT OR IGNORE INTO handled VALUES (?)", (event_id,)).rowcount == 1
            if new and state:
                change = "UPDATE sales SET state = ?, note = ? WHERE id = ?"
                self._database.execute(change, (state, note, sale_id))
        return new
