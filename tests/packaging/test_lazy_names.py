"""`import baton` costs next to nothing, and a name loads no more than it needs."""

import os
import subprocess
import sys

import baton


def python(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout


def cost(script: str, runs: int = 3) -> float:
    """Return the CPU seconds of the cheapest run: a busy machine makes it longer, and the first may write bytecode."""
    return min(_cpu_seconds(script) for _ in range(runs))


def _cpu_seconds(script: str) -> float:
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", script], os.environ)
    _, status, used = os.wait4(child, 0)
    assert status == 0
    return used.ru_utime + used.ru_stime


def test_import_baton_loads_no_library() -> None:
    heavy = python("import baton, sys; print(*{name.split('.')[0] for name in sys.modules})").split()

    assert "baton" in heavy
    assert not {"temporalio", "pydantic", "httpx", "google", "asyncio", "typer"} & set(heavy)


def test_the_client_is_imported_without_temporals_client() -> None:
    loaded = python("from baton import BatonClient; import sys; print(*sys.modules)").split()

    assert "baton.client" in loaded
    assert not [name for name in loaded if name.startswith(("temporalio", "httpx", "dotenv", "pydantic_settings"))]


def test_importing_the_client_takes_no_longer_than_its_libraries() -> None:
    libraries = cost("import temporalio.client, pydantic")

    assert cost("from baton import BatonClient") < 1.5 * libraries
    assert cost("import baton") < 0.5 * libraries


def test_every_public_name_is_there_and_listed() -> None:
    assert [name for name in baton.__all__ if getattr(baton, name, None) is None] == []
    assert set(baton.__all__) <= set(dir(baton))
    assert set(baton._MODULE_OF) | {"__version__"} == set(baton.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert python("import baton; print(hasattr(baton, 'Nobody'))") == "False\n"
