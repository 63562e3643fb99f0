"""A private PostgreSQL for tests, with the machine's own binaries, in a temporary folder that is deleted at the end.

PostgreSQL refuses to run as root, so under root it runs as `postgres` or `nobody`. It listens on a free loopback port,
needs no password, and does not sync to disk.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

REQUIRED = "BATON_REQUIRE_POSTGRES"
"""Set it to 1 to fail the tests on a machine without PostgreSQL binaries, instead of skipping them."""

_USER = "baton"
_NEEDED = ("initdb", "postgres")
_START_LIMIT = 30.0
_STOP_LIMIT = 5.0
_ATTEMPTS = 3


class PostgresUnavailable(Exception):
    """The private server could not be created or started."""


def find_binaries() -> Path | None:
    """Return the folder of `initdb` and `postgres`: the one in the PATH, else that of Debian's newest version."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(versions, key=lambda folder: _number(folder.parent.name), reverse=True)
    return next((folder for folder in folders if all(os.access(folder / name, os.X_OK) for name in _NEEDED)), None)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def unprivileged() -> dict[str, Any]:
    """Return the options with which `subprocess` drops root's rights; empty if this is not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise PostgresUnavailable(
        "PostgreSQL cannot run as root, and there is neither a postgres nor a nobody user to run it as"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PrivatePostgres:
    """A private server. `create_database` gives each test an empty database; outage tests use `stop` and `start`."""

    binaries: Path
    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    _names: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database, as a user writes it."""
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """Create an empty database; return its URL."""
        name = f"ledger_{next(self._names)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def initialise(self) -> None:
        """Create the data folder, once, before the first start."""
        if os.geteuid() == 0:
            os.chown(self.folder, unprivileged()["user"], unprivileged()["group"])
        arguments = ["--auth=trust", f"--username={_USER}", "--no-sync", "--encoding=UTF8", "--locale=C"]
        result = subprocess.run(
            [self.binaries / "initdb", *arguments, self._data],
            capture_output=True,
            cwd=self.folder,
            check=False,
            **unprivileged(),
        )
        if result.returncode != 0:
            raise PostgresUnavailable(f"initdb failed: {result.stderr.decode().strip()}")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start the server and wait until it answers. The port stays the same after a stop and start."""
        for _ in range(1 if self.port else _ATTEMPTS):
            port = self.port or _free_port()
            if self._started(port):
                self.port = port
                return
        raise PostgresUnavailable(f"PostgreSQL does not start: {self._log.read_text(errors='replace').strip()[-2000:]}")

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _started(self, port: int) -> bool:
        options = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB"}
        options |= {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(self.folder)}
        options |= self.options
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self.binaries / "postgres",
                    "-D",
                    self._data,
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                **unprivileged(),
            )
        return self._answers(self.process, port)

    def _answers(self, process: subprocess.Popen[bytes], port: int) -> bool:
        deadline = time.monotonic() + _START_LIMIT
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                psycopg.connect(host=str(self.folder), port=port, user=_USER, dbname="postgres").close()
                return True
            time.sleep(0.02)
        self.stop()
        return False

    def stop(self) -> None:
        """End the server at once, even with open connections. Harmless if it is not running."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(timeout=_STOP_LIMIT)
        except subprocess.TimeoutExpired:  # a test halted the server; its children end without it
            self.process.kill()
            self.process.wait()
        self.process = None


@contextmanager
def private_postgres(binaries: Path | None = None, **options: str) -> Iterator[PrivatePostgres]:
    """Run a private server until the block ends.

    Args:
        binaries: The folder of `initdb` and `postgres`; None for the machine's own.
        options: Server settings, in place of those that make tests fast.

    Raises:
        PostgresUnavailable: The machine has no binaries, or the server does not start.
    """
    binaries = binaries or find_binaries()
    if binaries is None:
        raise PostgresUnavailable(
            "this machine has no PostgreSQL binaries (initdb and postgres, on the PATH or in /usr/lib/postgresql/*/bin)"
        )
    with tempfile.TemporaryDirectory(prefix="baton-pg-", ignore_cleanup_errors=True) as folder:
        server = PrivatePostgres(binaries, Path(folder), options=options)
        try:
            server.initialise()
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """Yield the private server of the test session; skip without binaries, unless they are required."""
    if find_binaries() is None and os.environ.get(REQUIRED) != "1":
        pytest.skip(f"no PostgreSQL binaries on this machine; with {REQUIRED}=1 this is a failure")
    with private_postgres() as server:
        yield server
