"""deploy/pin-images.sh, with a registry that answers for the tests."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.paths import ROOT

DIGEST = "sha256:" + "5e" * 32
_REGISTRY = f"""#!/bin/sh
echo "$6" >>"$ASKED"
[ "$ANSWER" = none ] || echo "{DIGEST}"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    for name in ("docker-compose.yml", "Dockerfile", "deploy/pin-images.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    registry = tmp_path / "bin" / "docker"
    registry.write_text(_REGISTRY, encoding="utf-8")
    registry.chmod(0o755)
    return tmp_path


def pin(checkout: Path, *arguments: str, answer: str = "digest") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{checkout / 'bin'}:{os.environ['PATH']}",
        "ASKED": str(checkout / "asked"),
        "ANSWER": answer,
    }
    command = [checkout / "deploy/pin-images.sh", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def images(checkout: Path) -> list[str]:
    text = (checkout / "docker-compose.yml").read_text(encoding="utf-8") + (checkout / "Dockerfile").read_text("utf-8")
    found = re.findall(r"^(?:FROM|\s+image:) (\S+:\S+)", text, flags=re.MULTILINE)
    return [image for image in found if not image.startswith("baton:")]


def test_every_image_gets_the_digest_of_the_registry(checkout: Path) -> None:
    tags = [image.partition("@")[0] for image in images(checkout)]
    done = pin(checkout)
    assert done.returncode == 0, done.stderr
    assert images(checkout) == [f"{tag}@{DIGEST}" for tag in tags]
    assert set((checkout / "asked").read_text(encoding="utf-8").split()) == set(tags)


def test_nothing_but_digests_changes(checkout: Path) -> None:
    def without_digests(name: str, folder: Path) -> str:
        return re.sub(r"@sha256:[0-9a-f]{64}", "", (folder / name).read_text(encoding="utf-8"))

    pin(checkout)
    for name in ("docker-compose.yml", "Dockerfile"):
        assert without_digests(name, checkout) == without_digests(name, ROOT)


def test_a_check_writes_nothing_and_fails_until_all_are_pinned(checkout: Path) -> None:
    before = images(checkout)
    assert pin(checkout, "--check").returncode == 1
    assert images(checkout) == before
    pin(checkout)
    assert pin(checkout, "--check").returncode == 0


def test_an_answer_without_a_digest_stops_before_anything_is_written(checkout: Path) -> None:
    before = images(checkout)
    refused = pin(checkout, answer="none")
    assert refused.returncode == 1
    assert "the registry gave no digest" in refused.stderr
    assert images(checkout) == before
