"""The image and the scripts, as the linters see them; and what goes into the image."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.paths import ROOT

BIN = Path(sys.executable).parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def complaints(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_hadolint_has_nothing_to_say_about_the_dockerfile() -> None:
    assert complaints(BIN / "hadolint", "Dockerfile") == ""


def test_shellcheck_has_nothing_to_say_about_the_scripts() -> None:
    scripts = [ROOT / ".ci/run", *(ROOT / "deploy").rglob("*.sh"), *(ROOT / "tests/local/nodes").glob("*.sh")]
    assert len(scripts) == 9
    assert complaints(BIN / "shellcheck", *scripts) == ""


def test_the_scripts_can_be_executed() -> None:
    assert [path for path in (ROOT / "deploy").rglob("*.sh") if not path.stat().st_mode & 0o111] == []
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_the_image_runs_as_a_numeric_user_that_is_not_root() -> None:
    users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, flags=re.MULTILINE)
    assert users
    assert "0" not in users[-1]


def test_every_base_image_has_a_fixed_tag() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert len(images) == 3
    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []


def test_builder_and_image_have_the_same_interpreter() -> None:
    pythons = re.findall(r"^FROM (python:\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert len(pythons) == 2
    assert len(set(pythons)) == 1


def test_the_image_is_built_with_the_same_uv_as_the_makefile_brings() -> None:
    brought = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert brought
    assert f"uv:{brought[1]} " in DOCKERFILE


def test_what_is_packaged_is_sent_to_the_builder_and_what_is_private_is_not() -> None:
    ignored = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaged = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert not ignored & {*packaged, "README.md", "pyproject.toml", "uv.lock"}
    assert ".*" in ignored, "hides .env, .git and .venv"
