"""The password of the ledger's role is rotated: open pools survive it, and no error shows it."""

import asyncio
from functools import partial
from pathlib import Path

import psycopg
import pytest

from baton.ledger.errors import LedgerUnavailable
from baton.ledger.ledger import Ledger
from baton.ledger.login import LedgerUrl
from baton.secret_values import SecretValue
from tests.postgres import PrivatePostgres

OLD, NEW = "Qw8eR2tY6uI1oP5aS9dF", "Zx3cV7bN4mL0kJ6hG2fD"


class Role:
    """A role with a password, which owns a database."""

    def __init__(self, server: PrivatePostgres) -> None:
        self._server = server
        url = server.create_database()
        database = url.rpartition("/")[2]
        self._name = f"role_of_{database}"
        self._run(
            f"CREATE ROLE {self._name} LOGIN PASSWORD '{OLD}'", f"ALTER DATABASE {database} OWNER TO {self._name}"
        )
        rules = server.folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all {self._name} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        self._run("SELECT pg_reload_conf()")
        self.url = url.replace("baton@", f"{self._name}@")

    def rotate(self) -> None:
        """Give the role its new password, and end its connections."""
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{self._name}'"
        self._run(f"ALTER ROLE {self._name} PASSWORD '{NEW}'", end)

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


async def test_a_pool_survives_that_its_roles_password_is_rotated(postgres: PrivatePostgres, tmp_path: Path) -> None:
    role, file = Role(postgres), tmp_path / "password"
    file.write_text(f"{OLD}\n")
    password = SecretValue("BATON_LEDGER_PASSWORD", file=file, pause=3600)
    async with await Ledger.open(LedgerUrl(role.url, partial(password.current, now=True))) as ledger:
        await ledger.ping()
        role.rotate()
        with pytest.raises(LedgerUnavailable, match="password authentication failed") as refused:
            await ledger.ping()
        assert OLD not in str(refused.value)
        file.write_text(f"{NEW}\n")
        await asyncio.gather(*(ledger.ping() for _ in range(10)))


async def test_a_ledger_without_its_password_is_not_opened(postgres: PrivatePostgres) -> None:
    with pytest.raises(LedgerUnavailable, match="password"):
        await Ledger.open(Role(postgres).url)
