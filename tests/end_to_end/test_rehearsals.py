"""`baton rehearse`: a new build is held against what runs, and one that would break orders is caught by name."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from baton.encryption.codec import EncryptionCodec
from baton.encryption.keys import PayloadKeys, new_key
from baton.orders.answers import Placement
from baton.rehearsal import replayers, run
from tests.cli.command import Baton, CommandResult, ForkServer, bare_environment
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.paths import ROOT
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.timeout(120)

STORED = ROOT / "tests" / "replay" / "histories"
FIRST_STATEMENT = r'(    async def run\(self.*\n        """.*\n)'


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
    folder = tmp_path_factory.mktemp("careless")
    return build_of(folder, "workflows/order.py", FIRST_STATEMENT, r"\1        await workflow.sleep(60)\n")


async def _count(world: World, query: str) -> int:
    return (await world.environment.client.count_workflows(query)).count


def build_of(folder: Path, file: str, pattern: str, replacement: str) -> Path:
    """Return a build whose code was changed in one place; it shares the other packages and their bytecode with ours."""
    folder.mkdir(exist_ok=True)
    changed_part = file.partition("/")[0]
    for part in ("activities", "baton", "workflows"):
        if part == changed_part:
            shutil.copytree(ROOT / part, folder / part)
        else:
            (folder / part).symlink_to(ROOT / part)
    for program in ("worker.py", "rehearse.py"):
        shutil.copy(ROOT / program, folder / program)
    changed, times = re.subn(pattern, replacement, (folder / file).read_text(), count=1)
    assert times == 1
    (folder / file).write_text(changed)
    return folder


def stored_in(folder: Path, *names: str) -> Path:
    """Return a folder with these stored histories."""
    folder.mkdir()
    for name in names:
        shutil.copy(STORED / f"{name}.json", folder)
    return folder


@pytest.fixture
def refunded(tmp_path: Path) -> Path:
    """A folder with the history of a refund between those of two orders."""
    return stored_in(tmp_path / "histories", "bitcoin", "offramp_refunded.refund", "onramp_paid")


@pytest.fixture(scope="module")
def baton(fork_server: ForkServer) -> Baton:
    """The command without a reachable server."""
    return Baton(fork_server, ROOT, bare_environment(TEMPORAL_ADDRESS="127.0.0.1:1"))


@pytest.fixture(scope="module")
def joined(baton: Baton, world: World) -> Baton:
    """The command with the world's server."""
    address = world.environment.client.service_client.config.target_host
    return replace(baton, environment=bare_environment(TEMPORAL_ADDRESS=address))


async def rehearse(baton: Baton, *arguments: str | Path, **variables: str) -> CommandResult:
    return await baton("rehearse", "--jobs", "1", *map(str, arguments), **variables)


async def test_the_code_at_hand_fits_everything_that_runs(joined: Baton, waiting: Placement) -> None:
    done = await rehearse(joined, "--json")
    found = done.json
    assert (done.code, found["broken"], found["code"]) == (0, [], str(ROOT))
    assert found["replayed"]["open"] >= 1
    assert found["replayed"]["closed"] >= 1


async def test_a_broken_build_is_caught_with_the_orders_that_it_would_stop(
    joined: Baton, waiting: Placement, careless_build: Path
) -> None:
    done = await rehearse(joined, "--json", "--code", careless_build)
    found = done.json
    assert done.code == 1, done.err
    broken = {line["workflow_id"]: line for line in found["broken"]}
    line = broken[f"order/default/{waiting.reference}"]
    assert (line["workflow"], line["place"]) == ("OrderWorkflow", "open")
    assert line["failure"].startswith("this code makes other commands than the history has: ")
    assert "Failure {" not in line["failure"]


async def test_people_read_each_cause_once_with_examples(
    joined: Baton, waiting: Placement, careless_build: Path
) -> None:
    done = await rehearse(joined, "--code", careless_build, "--closed", "0")
    assert done.code == 1
    assert "would break" in done.out
    assert f"order/default/{waiting.reference}" in done.out
    assert "docs/upgrading.md" in done.err


async def test_a_filter_narrows_the_open_workflows_and_a_wrong_one_is_named(joined: Baton, waiting: Placement) -> None:
    narrow = await rehearse(
        joined, "--json", "--closed", "0", "--query", f"WorkflowId = 'order/default/{waiting.reference}'"
    )
    assert narrow.json["replayed"] == {"open": 1}
    wrong = await rehearse(joined, "--query", "Nothing like this")
    assert wrong.code == 2
    assert "--query: " in wrong.err


async def test_stored_histories_need_no_server(baton: Baton, refunded: Path) -> None:
    done = await rehearse(baton, "--histories", refunded, "--json")
    assert done.code == 0, done.out + done.err
    assert done.json["replayed"] == {"stored": 3}


async def test_with_encryption_a_failure_keeps_its_words(baton: Baton, tmp_path: Path) -> None:
    too_hasty = r'\1        raise RuntimeError("too hasty")\n'
    build = build_of(tmp_path / "build", "workflows/order.py", FIRST_STATEMENT, too_hasty)
    arguments = ("--histories", stored_in(tmp_path / "one", "ledger_broken_at_the_end"), "--code", build, "--json")
    done = await rehearse(baton, *arguments, BATON_PAYLOAD_KEYS=new_key("k1"))
    assert [line["failure"] for line in done.json["broken"]] == ["it fails: too hasty"]


async def test_code_that_does_not_start_is_no_success(baton: Baton, refunded: Path, tmp_path: Path) -> None:
    build = build_of(tmp_path / "build", "workflows/order.py", r"\A", "import nothing_like_this\n")
    done = await rehearse(baton, "--histories", refunded, "--code", build)
    assert done.code == 1
    assert f"the code in {build} does not run" in done.err
    assert "nothing_like_this" in done.err


async def test_histories_whose_key_is_not_here_are_no_fault_of_the_code(baton: Baton, tmp_path: Path) -> None:
    history = WorkflowHistory.from_json("bitcoin", (STORED / "bitcoin.json").read_text())
    placed = history.events[0].workflow_execution_started_event_attributes.input
    encrypted = await EncryptionCodec(PayloadKeys(text=new_key("k1"))).encode(placed.payloads)
    del placed.payloads[:]
    placed.payloads.extend(encrypted)
    (tmp_path / "encrypted.json").write_text(history.to_json())
    for keys in ("", new_key("k2")):
        done = await rehearse(baton, "--histories", tmp_path, BATON_PAYLOAD_KEYS=keys)
        assert (done.code, done.out) == (2, "")
        assert "the key 'k1', which is not here" in done.err


async def test_a_folder_without_baton_is_named(baton: Baton, refunded: Path, tmp_path: Path) -> None:
    done = await rehearse(baton, "--histories", refunded, "--code", tmp_path)
    assert done.code == 2
    assert f"--code: {tmp_path} is no checkout of Baton" in done.err


@pytest.mark.parametrize(
    ("statement", "words"),
    [("import threading; threading.Event().wait()", "no answer within 1 s"), ("import os; os._exit(7)", "exit code 7")],
    ids=["hangs", "ends"],
)
async def test_a_workflow_with_which_the_code_hangs_or_ends_is_named(
    statement: str, words: str, refunded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_impatient_once(done: int, _: int) -> None:
        """Wait a second for the refund, with which the code hangs; the orders may take their time."""
        monkeypatch.setattr(replayers, "PATIENCE", 1.0 if done == 1 else 60.0)

    first = r'(class RefundWorkflow(?:.|\n)*?    async def run\(self.*\n        """.*\n)'
    build = build_of(tmp_path / "build", "workflows/refund.py", first, rf"\1        {statement}\n")
    found = await run.rehearse(build / "rehearse.py", run.from_folder(refunded), 1, be_impatient_once)
    assert found.replayed == {"stored": 3}
    (broken,) = found.broken
    assert broken.workflow == "RefundWorkflow"
    assert words in (broken.failure or "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["Ctrl-C", "kill"])
async def test_a_rehearsal_ends_without_a_word_and_leaves_no_process(
    number: signal.Signals, code: int, refunded: Path, tmp_path: Path
) -> None:
    replays = tmp_path / "replays"
    note = f"import os; open({str(replays)!r}, 'w').write(f'{{os.getpid()}} ')"
    hangs = rf"\1        {note}\n        while True: pass\n"
    build = build_of(tmp_path / "build", "workflows/order.py", FIRST_STATEMENT, hangs)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "baton", "rehearse", "--jobs", "1", "--histories", refunded, "--code", build),
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


async def test_a_workflow_that_the_code_no_longer_has_is_named(baton: Baton, refunded: Path, tmp_path: Path) -> None:
    build = build_of(tmp_path / "build", "workflows/registry.py", r"    RefundWorkflow,\n", "")
    done = await rehearse(baton, "--histories", refunded, "--code", build, "--json")
    failures = {line["failure"] for line in done.json["broken"]}
    assert failures == {"this code has no workflow RefundWorkflow"}


@pytest.mark.parametrize(
    ("content", "words"), [(None, "has no histories"), ("{}", "is no history in JSON"), ("no", "is no history in JSON")]
)
async def test_files_that_are_no_histories_are_named(
    baton: Baton, tmp_path: Path, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "one.json").write_text(content)
    done = await rehearse(baton, "--histories", tmp_path)
    assert done.code == 2
    assert words in done.err


async def test_without_temporal_it_says_so(baton: Baton) -> None:
    done = await rehearse(baton)
    assert done.code == 3
    assert "127.0.0.1:1" in done.err
