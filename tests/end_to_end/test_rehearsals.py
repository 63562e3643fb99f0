"""`baton rehearse`: a new build is held against what runs, and one that would break orders is caught by name."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from baton.encryption.codec import EncryptionCodec
from baton.encryption.keys import PayloadKeys, new_key
from baton.orders.answers import Placement
from baton.rehearsal import replayers, run
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.paths import ROOT
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.timeout(120)

STORED = ROOT / "tests" / "replay" / "histories"
_PARTS = ("activities", "baton", "workflows", "worker.py", "rehearse.py")


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("rehearsals")
    async with temporal_server() as temporal, running_world(temporal, folder) as running:
        yield running


@pytest.fixture(scope="module")
async def waiting(world: World) -> Placement:
    """An order that runs, beside one that has ended."""
    ended = await world.place()
    await world.deposit_and_report(ended)
    await world.baton.wait(ended.reference)
    placed = await world.place()
    listed = ("WorkflowId = 'order/default/{}'".format(order.reference) for order in (ended, placed))  # noqa: UP032
    for query in listed:
        await eventually(lambda: _count(world, query))  # noqa: B023
    return placed


@pytest.fixture(scope="module")
def careless_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build whose orders begin with one more timer."""
    first = r'(    async def run\(self.*\n        """.*\n)'
    folder = tmp_path_factory.mktemp("careless")
    return build_of(folder, "workflows/order.py", first, r"\1        await workflow.sleep(60)\n")


async def _count(world: World, query: str) -> int:
    return (await world.environment.client.count_workflows(query)).count


def build_of(folder: Path, file: str, pattern: str, replacement: str) -> Path:
    """Return a build whose code was changed in one place."""
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    changed, times = re.subn(pattern, replacement, (folder / file).read_text(), count=1)
    assert times == 1
    (folder / file).write_text(changed)
    return folder


async def rehearse(world: World | None, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    address = world.environment.client.service_client.config.target_host if world else "127.0.0.1:1"
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "baton", "rehearse", "--jobs", "1", *arguments],
        env={**os.environ, "TEMPORAL_ADDRESS": address, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


async def test_the_code_at_hand_fits_everything_that_runs(world: World, waiting: Placement) -> None:
    done = await rehearse(world, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["broken"], found["code"]) == (0, [], str(ROOT))
    assert found["replayed"]["open"] >= 1
    assert found["replayed"]["closed"] >= 1


async def test_a_broken_build_is_caught_with_the_orders_that_it_would_stop(
    world: World, waiting: Placement, careless_build: Path
) -> None:
    done = await rehearse(world, "--json", "--code", str(careless_build))
    found = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    broken = {line["workflow_id"]: line for line in found["broken"]}
    line = broken[f"order/default/{waiting.reference}"]
    assert (line["workflow"], line["place"]) == ("OrderWorkflow", "open")
    assert line["failure"].startswith("this code makes other commands than the history has: ")
    assert "Failure {" not in line["failure"]


async def test_people_read_each_cause_once_with_examples(
    world: World, waiting: Placement, careless_build: Path
) -> None:
    done = await rehearse(world, "--code", str(careless_build), "--closed", "0")
    assert done.returncode == 1
    assert "would break" in done.stdout
    assert f"order/default/{waiting.reference}" in done.stdout
    assert "docs/upgrading.md" in done.stderr


async def test_a_filter_narrows_the_open_workflows_and_a_wrong_one_is_named(world: World, waiting: Placement) -> None:
    narrow = await rehearse(
        world, "--json", "--closed", "0", "--query", f"WorkflowId = 'order/default/{waiting.reference}'"
    )
    assert json.loads(narrow.stdout)["replayed"] == {"open": 1}
    wrong = await rehearse(world, "--query", "Nothing like this")
    assert wrong.returncode == 2
    assert "--query: " in wrong.stderr


async def test_stored_histories_need_no_server() -> None:
    done = await rehearse(None, "--histories", str(STORED), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["replayed"] == {"stored": len(list(STORED.glob("*.json")))}


async def test_with_encryption_a_failure_keeps_its_words(tmp_path: Path) -> None:
    first = r'(    async def run\(self.*\n        """.*\n)'
    build = build_of(tmp_path / "build", "workflows/order.py", first, r'\1        raise RuntimeError("too hasty")\n')
    (tmp_path / "one").mkdir()
    shutil.copy(STORED / "ledger_broken_at_the_end.json", tmp_path / "one")
    arguments = ("--histories", str(tmp_path / "one"), "--code", str(build), "--json")
    done = await rehearse(None, *arguments, BATON_PAYLOAD_KEYS=new_key("k1"))
    assert [line["failure"] for line in json.loads(done.stdout)["broken"]] == ["it fails: too hasty"]


async def test_code_that_does_not_start_is_no_success(tmp_path: Path) -> None:
    build = build_of(tmp_path, "workflows/order.py", r"\A", "import nothing_like_this\n")
    done = await rehearse(None, "--histories", str(STORED), "--code", str(build))
    assert done.returncode == 1
    assert f"the code in {build} does not run" in done.stderr
    assert "nothing_like_this" in done.stderr


async def test_histories_whose_key_is_not_here_are_no_fault_of_the_code(tmp_path: Path) -> None:
    history = WorkflowHistory.from_json("bitcoin", (STORED / "bitcoin.json").read_text())
    placed = history.events[0].workflow_execution_started_event_attributes.input
    encrypted = await EncryptionCodec(PayloadKeys(text=new_key("k1"))).encode(placed.payloads)
    del placed.payloads[:]
    placed.payloads.extend(encrypted)
    (tmp_path / "encrypted.json").write_text(history.to_json())
    for keys in ("", new_key("k2")):
        done = await rehearse(None, "--histories", str(tmp_path), BATON_PAYLOAD_KEYS=keys)
        assert (done.returncode, done.stdout) == (2, "")
        assert "the key 'k1', which is not here" in done.stderr


async def test_a_folder_without_baton_is_named(tmp_path: Path) -> None:
    done = await rehearse(None, "--histories", str(STORED), "--code", str(tmp_path))
    assert done.returncode == 2
    assert f"--code: {tmp_path} is no checkout of Baton" in done.stderr


@pytest.mark.parametrize(
    ("statement", "words"),
    [("while True: pass", "no answer within 5 s"), ("import os; os._exit(7)", "exit code 7")],
    ids=["hangs", "ends"],
)
async def test_a_workflow_with_which_the_code_hangs_or_ends_is_named(
    statement: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replayers, "PATIENCE", 5.0)
    first = r'(class RefundWorkflow(?:.|\n)*?    async def run\(self.*\n        """.*\n)'
    build = build_of(tmp_path / "build", "workflows/refund.py", first, rf"\1        {statement}\n")
    stored = tmp_path / "histories"
    stored.mkdir()
    for name in ("offramp_refunded.refund.json", "bitcoin.json"):
        shutil.copy(STORED / name, stored)
    found = await run.rehearse(build / "rehearse.py", run.from_folder(stored), 1, lambda _, __: None)
    assert found.replayed == {"stored": 2}
    (broken,) = found.broken
    assert broken.workflow == "RefundWorkflow"
    assert words in (broken.failure or "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["Ctrl-C", "kill"])
async def test_a_rehearsal_ends_without_a_word_and_leaves_no_process(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    replays, first = tmp_path / "replays", r'(    async def run\(self.*\n        """.*\n)'
    note = f"import os; open({str(replays)!r}, 'w').write(f'{{os.getpid()}} ')"
    build = build_of(tmp_path / "build", "workflows/order.py", first, rf"\1        {note}\n        while True: pass\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "baton", "rehearse", "--jobs", "1", "--histories", STORED, "--code", build),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    await eventually(lambda: replays.exists() and replays.read_text().endswith(" "), within=60)
    if number is signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.kill()
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, out, err) == (code, b"", b"")
    await eventually(lambda: not Path(f"/proc/{replays.read_text().strip()}").exists(), within=20)


async def test_a_workflow_that_the_code_no_longer_has_is_named(tmp_path: Path) -> None:
    build = build_of(tmp_path, "worker.py", r"    RefundWorkflow,\n", "")
    done = await rehearse(None, "--histories", str(STORED), "--code", str(build), "--json")
    failures = {line["failure"] for line in json.loads(done.stdout)["broken"]}
    assert failures == {"this code has no workflow RefundWorkflow"}


@pytest.mark.parametrize(
    ("content", "words"), [(None, "has no histories"), ("{}", "is no history in JSON"), ("no", "is no history in JSON")]
)
async def test_files_that_are_no_histories_are_named(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / "one.json").write_text(content)
    done = await rehearse(None, "--histories", str(tmp_path))
    assert done.returncode == 2
    assert words in done.stderr


async def test_without_temporal_it_says_so() -> None:
    done = await rehearse(None)
    assert done.returncode == 3
    assert "127.0.0.1:1" in done.stderr
