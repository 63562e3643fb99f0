"""`import baton` costs next to nothing, and a name loads no more than it needs."""

import subprocess
import sys
import time

import baton


def python(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout


def fastest(script: str, runs: int = 5) -> float:
    """Return the seconds of the fastest run, the first left out: it may have to write bytecode."""
    python(script)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        python(script)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def test_import_baton_loads_no_library() -> None:
    heavy = python("import baton, sys; print(*{name.split('.')[0] for name in sys.modules})").split()

    assert "baton" in heavy
    assert not {"temporalio", "pydantic", "httpx", "google", "asyncio", "typer"} & set(heavy)


def test_the_client_is_imported_without_temporals_client() -> None:
    loaded = python("from baton import BatonClient; import sys; print(*sys.modules)").split()

    assert "baton.client" in loaded
    assert not [name for name in loaded if name.startswith(("temporalio", "httpx", "dotenv", "pydantic_settings"))]


def test_importing_the_client_takes_no_longer_than_its_libraries() -> None:
    libraries = fastest("import temporalio.client, pydantic")

    assert fastest("from baton import BatonClient") < 1.5 * libraries
    assert fastest("import baton") < 0.5 * libraries


def test_every_public_name_is_there_and_listed() -> None:
    assert [name for name in baton.__all__ if getattr(baton, name, None) is None] == []
    assert set(baton.__all__) <= set(dir(baton))
    assert set(baton._MODULE_OF) | {"__version__"} == set(baton.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert python("import baton; print(hasattr(baton, 'Nobody'))") == "False\n"
