"""The verbs of the Makefile that need no environment."""

import os
import re
import subprocess
from pathlib import Path

from tests.paths import ROOT

VERBS = {"help", "demo", "up", "test", "check", "fmt", "bench", "clean"}


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # If the tests run under make, its flags must not reach this make.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    for name in ("pyproject.toml", "uv.lock") if folder != ROOT else ():
        (folder / name).touch()
    command = ["make", "-f", str(ROOT / "Makefile"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_make_alone_explains_every_verb() -> None:
    verbs = dict(re.findall(r"^  make (\w+) +(\S.*)$", make().stdout, flags=re.MULTILINE))
    assert set(verbs) >= VERBS


def test_a_missing_or_old_interpreter_is_named_with_the_remedy(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    answer = make("test", f"PYTHON={old}", folder=tmp_path)
    assert answer.returncode != 0
    assert f"Python 3.11 or newer is needed; none of these is: {old}." in answer.stderr
    assert "PYTHON=" in answer.stderr


def test_an_interpreter_without_venv_is_named_with_the_remedy(tmp_path: Path) -> None:
    bare = tmp_path / "python3.11"
    bare.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n', encoding="utf-8")
    bare.chmod(0o755)
    answer = make("test", f"PYTHON={bare}", folder=tmp_path)
    assert answer.returncode != 0
    assert f"{bare} lacks its venv module" in answer.stderr


def test_clean_keeps_the_orders(tmp_path: Path) -> None:
    for name in (".baton/temporal.db", ".baton/ledger.db", ".baton/uv/bin/uv", ".venv/bin/python"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert make("clean", folder=tmp_path).returncode == 0
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*/**/*") if path.is_file()}
    assert left == {".baton/temporal.db", ".baton/ledger.db"}
