"""The files by which commands in another shell find a running stack without any `export`.

`stack.json` contains only addresses; the variables are in `stack.env`, which only the owner can read. The stack holds a
lock while it runs, so the files of a killed stack are not mistaken for those of a running one.
"""

import fcntl
import json
import os
import shlex
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from baton.local.stack.errors import HomeInUse
from baton.local.stack.plan import without_connection

_STATE = "stack.json"
_ENVIRONMENT = "stack.env"
_LOCK = "stack.lock"
_LOCK_TIMEOUT = 0.5
"""Seconds to wait for the lock: a reader holds it for a moment too."""


@dataclass(frozen=True)
class StackState:
    """The addresses of a running stack."""

    pid: int
    gateway_url: str
    temporal_address: str
    ui_url: str | None
    sandbox_url: str | None
    environment_file: str
    saved_queries: dict[str, str] = field(default_factory=dict)
    """Links to the saved queries in the Temporal UI, by their titles."""

    def variables(self) -> dict[str, str]:
        """Return the environment variables by which clients reach this stack."""
        words = shlex.split(Path(self.environment_file).read_text(encoding="utf-8"))
        return dict(word.split("=", 1) for word in words if "=" in word)


@contextmanager
def home_lock(home: Path) -> Iterator[None]:
    """Lock the home folder for one stack; create the folder if it is missing.

    Raises:
        HomeInUse: Another stack holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / _LOCK).open("a") as lock:
        if not _acquire(lock.fileno()):
            running = read_state(home)
            where = f" at {running.gateway_url} (process {running.pid})" if running else ""
            remedy = "Use that one, stop it, or choose another folder with BATON_HOME."
            raise HomeInUse(f"A stack already runs on {home}{where}. {remedy}")
        yield


def read_state(home: Path) -> StackState | None:
    """Return the state of the stack that runs on this home folder, or None if there is none."""
    if not _is_locked(home / _LOCK):
        return None
    try:
        return StackState(**json.loads((home / _STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        # The stack is still starting, or another version of Baton wrote the file.
        return None


def write_state(home: Path, state: StackState, shared: Mapping[str, str]) -> None:
    """Write the files of a running stack; the variables come first, because the state names their file."""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(shared.items())]
    _write(Path(state.environment_file), "".join(lines))
    _write(home / _STATE, json.dumps(asdict(state), indent=2) + "\n")


def remove_state(home: Path) -> None:
    """Remove the files that `write_state` wrote."""
    for name in (_STATE, _ENVIRONMENT):
        (home / name).unlink(missing_ok=True)


def environment_file(home: Path) -> Path:
    """Return the path of the variables of a stack on this home folder."""
    return home / _ENVIRONMENT


def apply_to_environment(state: StackState, environment: MutableMapping[str, str] | None = None) -> None:
    """Point this process at a running stack.

    Variables that are already set win: `TEMPORAL_ADDRESS` keeps all `TEMPORAL_*`, `ORCHESTRA_BASE_URL` or
    `BATON_PARTNERS_FILE` keeps all `ORCHESTRA_*`, and each `BATON_*` keeps its own value.

    Args:
        state: The stack.
        environment: The environment to change; this process's own by default.
    """
    target = os.environ if environment is None else environment
    kept: tuple[str, ...] = ()
    if target.get("ORCHESTRA_BASE_URL") or target.get("BATON_PARTNERS_FILE"):
        kept += ("ORCHESTRA_",)
    if target.get("TEMPORAL_ADDRESS"):
        kept += ("TEMPORAL_",)
    else:
        for name in set(target) - set(without_connection(target)):
            del target[name]
    for name, value in state.variables().items():
        if name.startswith("BATON_"):
            target.setdefault(name, value)
        elif not name.startswith(kept):
            target[name] = value


def _acquire(descriptor: int) -> bool:
    deadline = time.monotonic() + _LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def _is_locked(lock: Path) -> bool:
    try:
        with lock.open() as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
