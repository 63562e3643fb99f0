"""The image and the scripts, as the linters see them; and what goes into the image."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.paths import ROOT

BIN = Path(sys.executable).parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
FINAL_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
CODE = ("activities", "baton", "rehearse.py", "starter.py", "worker.py", "workflows")
"""What runs in the image: the package, and what stands beside it."""


def copies(stage: str) -> list[tuple[str, str]]:
    """Return each source that a stage copies, with its target."""
    lines = re.findall(r"^COPY --from=builder (.+)$", stage, flags=re.MULTILINE)
    return [(source, line.split()[-1]) for line in lines for source in line.split()[:-1]]


COPIED = copies(FINAL_STAGE)


def complaints(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_hadolint_has_nothing_to_say_about_the_dockerfile() -> None:
    assert complaints(BIN / "hadolint", "Dockerfile") == ""


def test_shellcheck_has_nothing_to_say_about_the_scripts() -> None:
    scripts = [ROOT / ".ci/run", *(ROOT / "deploy").rglob("*.sh"), *(ROOT / "tests/local/nodes").glob("*.sh")]
    assert len(scripts) == 12
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
    assert [image for image in images if not re.search(r":\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$", image)] == []


def test_builder_and_image_have_the_same_interpreter() -> None:
    pythons = re.findall(r"^FROM (python:\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert len(pythons) == 2
    assert len(set(pythons)) == 1


def test_the_image_is_built_with_the_same_uv_as_the_makefile_brings() -> None:
    brought = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert brought
    assert f"uv:{brought[1]} " in DOCKERFILE


def test_the_build_context_has_all_the_image_needs_and_nothing_private() -> None:
    ignored = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaged = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    needed = {*packaged, *CODE, "LICENSE", "README.md", "pyproject.toml", "uv.lock"}
    assert not ignored & needed
    assert all((ROOT / name).exists() for name in needed)
    assert ".*" in ignored, "hides .env, .git and .venv"


def test_the_builder_installs_the_locked_service_where_its_code_stays() -> None:
    syncs = re.findall(r"uv sync (.*?)(?: \\)?$", DOCKERFILE, flags=re.MULTILINE)
    extras = "--locked --extra service --extra tracing"
    assert syncs == [f"{extras} --no-install-project", extras]


def test_the_image_holds_the_code_that_no_wheel_holds() -> None:
    assert [target for _, target in COPIED if not target.startswith("/app/")] == []
    assert {source for source, _ in COPIED} == {"/app/.venv", *(f"/app/{name}" for name in CODE)}
    assert "--chown" not in FINAL_STAGE, "the service must not own its code"


def test_the_bytecode_of_all_code_is_written_when_the_image_is_built() -> None:
    compiled = re.search(r"compileall -q --invalidation-mode unchecked-hash (.*)$", DOCKERFILE, flags=re.MULTILINE)
    assert compiled
    assert set(compiled[1].split()) == set(CODE)


def test_the_worker_runs_from_what_the_image_holds(tmp_path: Path) -> None:
    for source, target in COPIED:
        if source != "/app/.venv":
            place = tmp_path / target.removeprefix("/app/")
            name = source.removeprefix("/app/")
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, place / name if target.endswith("/") else place)
    script = (
        "import sys, worker, starter\n"
        "from baton.process.service import worker_program\n"
        "print(worker_program())\n"
        "ours = [sys.modules[name].__file__ for name in sys.modules if name.split('.')[0] in sys.argv[1:]]\n"
        "print(*{file for file in ours if file}, sep='\\n')\n"
    )
    names = [name.removesuffix(".py") for name in CODE]
    done = subprocess.run(
        [sys.executable, "-c", script, *names],
        cwd="/",
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    program, *files = done.stdout.splitlines()
    assert program == str(tmp_path / "worker.py")
    assert [file for file in files if not file.startswith(str(tmp_path))] == []
