"""Orders with encryption: Temporal's own files hold nothing of them, and keys change while they run."""

import base64
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from temporalio.client import Client

from baton.encryption.keys import PayloadKeys, new_key
from baton.errors import OrderRefused
from baton.payloads import data_converter, encrypting_converter
from tests.cli.command import Baton, ForkServer, bare_environment
from tests.end_to_end.world import SPARK
from tests.eventually import eventually
from tests.examples.local_stack import RunningStack, running_stack

pytestmark = pytest.mark.timeout(240)

BITCOIN_ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
CANARIES = ("Ada-Lovelace", "12345678.123", SPARK, BITCOIN_ADDRESS)
"""What the orders below name: a person, an amount, where the money goes and where it returns to."""

_SDK_NOTES = {"original_schedule_time", "activation_index", "id", "deprecated"}

K1, K2 = new_key("k1"), new_key("k2")


def order(reference: str, **changes: Any) -> dict[str, Any]:
    return {
        "reference": reference,
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "amount": "12345678123",
        "recipientAddress": SPARK,
        "metadata": {"customer": "Ada-Lovelace"},
        **changes,
    }


async def run_orders(stack: RunningStack) -> None:
    """Run an order to each kind of end, and one that waits for a person."""
    bitcoin = {"sourceChain": "bitcoin", "sourceAsset": "BTC", "amount": "12345678", "refundAddress": BITCOIN_ADDRESS}
    waiting = {"policy": {"zeroconf": {"mode": "ask"}}}
    await stack.baton.place(order("done"))
    await stack.baton.place(order("back"))
    await stack.baton.place(order("asked", **bitcoin, **waiting))
    await stack.baton.place(order("cancelled"))
    with pytest.raises(OrderRefused):
        await stack.baton.place(order("refused", destinationAsset="NOTHING"))
    await stack.baton.cancel("cancelled")
    await stack.pay("done")
    await stack.pay("back", "refunded")
    await stack.pay("asked", "zeroconf_offer")
    for reference, outcome in (("done", "completed"), ("back", "refunded"), ("cancelled", "cancelled")):
        ended = await eventually(lambda: stack.baton.snapshot(reference), lambda found: found.outcome, within=40)  # noqa: B023
        assert ended.outcome == outcome
    await eventually(
        lambda: stack.baton.snapshot("asked"), lambda found: found.status == "awaiting_approval", within=40
    )


def stored(folder: Path) -> bytes:
    """Return everything that Temporal's server wrote."""
    return b"".join(file.read_bytes() for file in (folder / ".baton").glob("temporal.db*"))


def found_in(content: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in content]


@pytest.fixture(scope="module")
async def encrypted(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[RunningStack, Path]]:
    folder = tmp_path_factory.mktemp("encrypted")
    async with running_stack(folder, encrypting_converter(PayloadKeys(text=K1)), BATON_PAYLOAD_KEYS=K1) as stack:
        await run_orders(stack)
        yield stack, folder


@pytest.fixture(scope="module")
def baton(fork_server: ForkServer, encrypted: tuple[RunningStack, Path]) -> Baton:
    """The command in the folder of the encrypted orders, without their key."""
    stack, folder = encrypted
    own = {**stack.variables, "BATON_HOME": str(folder / ".baton")}
    return Baton(fork_server, folder, bare_environment(**own))


class ChangingKeys(NamedTuple):
    """A stack that encrypts nothing until its file of keys says so, and a client's keys from the same file."""

    stack: RunningStack
    folder: Path
    keys: PayloadKeys

    @property
    def file(self) -> Path:
        return self.folder / "keys"


@pytest.fixture(scope="module")
async def changing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ChangingKeys]:
    folder = tmp_path_factory.mktemp("changing")
    file = folder / "keys"
    file.write_text(f"none\n{K1}\n")
    keys = PayloadKeys(file=file)
    async with running_stack(folder, encrypting_converter(keys), BATON_PAYLOAD_KEYS_FILE=str(file)) as stack:
        yield ChangingKeys(stack, folder, keys)


async def test_without_keys_the_search_below_finds_the_orders(changing: ChangingKeys) -> None:
    content = order("searched", refundAddress="0x" + "ab" * 20, metadata={"customer": "Ada-Lovelace"})
    await changing.stack.baton.place(content)
    assert "Ada-Lovelace" in found_in(stored(changing.folder))
    assert SPARK in found_in(stored(changing.folder))


async def test_temporals_files_hold_nothing_of_an_order(encrypted: tuple[RunningStack, Path]) -> None:
    _, folder = encrypted
    assert found_in(stored(folder)) == []


async def test_an_exported_history_has_only_ids_and_names(encrypted: tuple[RunningStack, Path]) -> None:
    stack, _ = encrypted
    bare = await Client.connect(stack.addresses["temporal_address"], data_converter=data_converter)
    exported = [
        (await bare.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()).to_json()
        async for found in bare.list_workflows()
    ]
    assert len(exported) >= 6
    assert found_in("".join(exported).encode()) == []
    payloads = [found for history in exported for found in _payloads(json.loads(history))]
    clear = [found for found in payloads if found["metadata"].get("encryption-key-id") != "azE="]  # k1 in base64
    # The SDK itself notes local activities and patches; nothing of the order is in there.
    names = {name for found in clear for name in json.loads(base64.b64decode(found["data"]))}
    assert names <= {"seq", "attempt", "activity_id", "activity_type", "complete_time", "backoff"} | _SDK_NOTES
    refused = json.loads(next(history for history in exported if "WORKFLOW_EXECUTION_FAILED" in history))
    [ended] = [found for event in refused["events"] for name, found in event.items() if "FailedEvent" in name]
    assert ended["failure"]["message"] == "Encoded failure"


def _payloads(node: Any) -> list[dict[str, Any]]:
    """Return every payload below a node of a history in JSON; search attributes are not meant to be hidden."""
    if isinstance(node, list):
        return [found for part in node for found in _payloads(part)]
    if not isinstance(node, dict):
        return []
    if "metadata" in node and "data" in node:
        return [node]
    return [found for name, part in node.items() if name != "searchAttributes" for found in _payloads(part)]


async def test_a_command_without_the_key_says_which_one_it_lacks(baton: Baton) -> None:
    for keys in ("", K2):
        for command in (("list",), ("bundle", "done"), ("refresh", "done")):
            done = await baton(*command, BATON_PAYLOAD_KEYS=keys)
            assert done.code == 2, done.out + done.err
            assert "Traceback" not in done.err
            assert "the key 'k1', which is not here" in done.err


async def test_without_the_key_an_order_is_shown_as_it_was_recorded(baton: Baton) -> None:
    done = await baton("show", "done")
    assert "completed" in done.out
    assert "as last recorded; a payload in Temporal is encrypted with the key 'k1'" in " ".join(done.out.split())


async def test_list_and_show_read_what_is_encrypted(baton: Baton) -> None:
    shown = await baton("show", "done", "--json", BATON_PAYLOAD_KEYS=K1)
    assert shown.json["metadata"] == {"customer": "Ada-Lovelace"}
    listed = await baton("list", "--json", BATON_PAYLOAD_KEYS=K1)
    assert {"done", "back", "asked", "cancelled"} <= {line["reference"] for line in listed.lines}


async def test_a_bundle_for_support_has_the_history_in_clear(baton: Baton) -> None:
    done = await baton("bundle", "done", "--output", "done.zip", BATON_PAYLOAD_KEYS=K1)
    assert done.code == 0, done.err
    with zipfile.ZipFile(baton.folder / "done.zip") as archive:
        history = archive.read("history.json").decode()
    assert SPARK in history
    assert "Ada-Lovelace" not in history


async def test_keys_are_introduced_changed_and_ended_while_orders_run(changing: ChangingKeys) -> None:
    stack = changing.stack
    stages = {
        "clear": (None, f"none,{K1}"),
        "first": ("k1", K1),
        "second": ("k2", f"{K2},{K1}"),
        "last": (None, f"none,{K2},{K1}"),
    }
    for reference, (writing, text) in stages.items():
        changing.file.write_text(text)
        await eventually(lambda: changing.keys.current().writing == writing)  # noqa: B023
        await stack.baton.place(order(reference))
    for reference in stages:
        await stack.pay(reference)
    for reference in stages:
        ended = await eventually(lambda: stack.baton.snapshot(reference), lambda found: found.outcome, within=40)  # noqa: B023
        assert ended.outcome == "completed"
    bare = await Client.connect(stack.addresses["temporal_address"], data_converter=data_converter)
    used = {}
    for reference in stages:
        history = await bare.get_workflow_handle(f"order/default/{reference}").fetch_history()
        [placed] = history.events[0].workflow_execution_started_event_attributes.input.payloads
        used[reference] = placed.metadata.get("encryption-key-id", b"").decode()
    assert used == {"clear": "", "first": "k1", "second": "k2", "last": ""}
