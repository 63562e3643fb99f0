"""The supervisor, with small real processes: readiness, early death, and every way to stop."""

import asyncio
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from baton.local.stack.errors import ChildDied, ChildNotReady
from baton.local.stack.probes import file_exists
from baton.local.stack.supervisor import Supervisor
from tests.local.stack.stack_world import child, eventually, fake, is_running, never

SLEEP = ("sleep", "60")


def log(folder: Path, name: str) -> str:
    return (folder / f"{name}.log").read_text(encoding="utf-8")


async def test_the_error_of_a_child_that_dies_early_has_the_end_of_its_log(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        with pytest.raises(ChildDied) as death:
            await supervisor.start(child(*fake("dies"), name="ledger", ready=never))
    message = str(death.value)
    assert message.startswith("ledger ended with exit code 1. Its log,")
    assert message.endswith("  line 29\n  no such ledger")
    assert "line 10\n" not in message


async def test_the_death_of_a_child_by_a_signal_names_the_signal(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        with pytest.raises(ChildDied, match=r"part was ended by SIGKILL\. Its log, .*part\.log, is empty\."):
            await supervisor.start(child("sh", "-c", "kill -9 $$", ready=never))


async def test_a_command_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        with pytest.raises(ChildDied, match="FileNotFoundError"):
            await supervisor.start(child("/nowhere/temporal", ready=never))


async def test_a_child_that_does_not_become_ready_in_time_is_reported_and_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    async with Supervisor(tmp_path) as supervisor:
        with pytest.raises(ChildNotReady, match=r"part was not ready within 0\.3 seconds"):
            await supervisor.start(child("sh", "-c", f"echo $$ >{pid}; exec sleep 60", ready=never, startup=0.3))
    assert not is_running(int(pid.read_text()))


async def test_starting_waits_until_every_child_is_ready(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "two")]
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(
            *(
                child("sh", "-c", f"touch {file}; exec sleep 60", name=f"{file.name}-part", ready=file_exists(file))
                for file in files
            )
        )
        assert all(file.exists() for file in files)


async def test_the_death_of_one_child_ends_the_wait_for_another(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(child("sleep", "0.2", name="engine"))
        with pytest.raises(ChildDied, match="engine ended with exit code 0"):
            await supervisor.start(child(*SLEEP, name="worker", ready=never, startup=30))


async def test_a_restarted_child_is_a_new_process_and_no_death(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(
            child("sh", "-c", f"echo $$ >>{pids}; exec sleep 60", name="worker", ready=file_exists(pids))
        )
        watching = asyncio.ensure_future(supervisor.watch())
        await supervisor.restart("worker")
        assert eventually(lambda: len(pids.read_text().split()) == 2)
        old, new = pids.read_text().split()

        assert not is_running(int(old))
        assert is_running(int(new))
        assert not watching.done()
        watching.cancel()


async def test_watching_ends_with_the_death_of_a_child(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(child(*SLEEP, name="engine"), child("sh", "-c", "sleep 0.2; exit 3", name="worker"))
        with pytest.raises(ChildDied, match="worker ended with exit code 3"):
            await asyncio.wait_for(supervisor.watch(), 5)


async def test_children_end_in_the_reverse_order_of_their_start(tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = f"trap 'echo $0 >>{order}; exit' TERM; touch {tmp_path}/$0; while :; do sleep 0.01; done"
    async with Supervisor(tmp_path / "logs") as supervisor:
        for name in ("engine", "worker", "gateway"):
            await supervisor.start(child("sh", "-c", script, name, name=name, ready=file_exists(tmp_path / name)))
    assert order.read_text().split() == ["gateway", "worker", "engine"]


async def test_a_childs_own_children_end_with_it(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(child(*fake("family")))
        assert await asyncio.to_thread(eventually, lambda: log(tmp_path, "part") != "")
        grandchild = int(log(tmp_path, "part"))
        assert is_running(grandchild)
    assert await asyncio.to_thread(eventually, lambda: not is_running(grandchild))


async def test_an_error_in_the_block_leaves_no_process_behind(tmp_path: Path) -> None:
    async def block() -> None:
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(child("sh", "-c", "echo $$; exec sleep 60"))
            assert await asyncio.to_thread(eventually, lambda: log(tmp_path, "part") != "")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert not is_running(int(log(tmp_path, "part")))


async def test_a_second_cancellation_kills_a_slow_child_at_once(tmp_path: Path) -> None:
    async def block() -> None:
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(child(*fake("stubborn"), grace=60))
            started.set()
            await supervisor.watch()

    started = asyncio.Event()
    task = asyncio.create_task(block())
    await started.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done


async def test_the_previous_log_is_kept_beside_the_new_one_and_both_are_private(tmp_path: Path) -> None:
    for word in ("first", "second"):
        async with Supervisor(tmp_path) as supervisor:
            with pytest.raises(ChildDied):
                await supervisor.start(child("echo", word, ready=never))
    assert log(tmp_path, "part") == "second\n"
    assert (tmp_path / "part.log.1").read_text() == "first\n"
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("part.log", "part.log.1")] == [0o600] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets the kernel end a child with its parent")
def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    script = f"""
import asyncio
from pathlib import Path
from baton.local.stack.supervisor import Supervisor
from tests.local.stack.stack_world import child, fake

async def main():
    async with Supervisor(Path({str(tmp_path)!r})) as supervisor:
        await supervisor.start(child(*fake("stubborn"), name="one"), child("sleep", "60", name="two"))
        print(*(running.pid for running in supervisor._children), flush=True)
        await supervisor.watch()

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert len(pids) == 2
        assert eventually(lambda: "ready" in log(tmp_path, "one"))
        assert all(is_running(pid) for pid in pids)
        supervisor.kill()
    assert eventually(lambda: not any(is_running(pid) for pid in pids))
