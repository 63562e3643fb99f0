"""`baton bundle`: one file for Orchestra's support, without secrets and private values."""

import json
import zipfile

from tests.cli.command import Baton
from tests.end_to_end.world import SECRET, World


def at(world: World) -> dict[str, str]:
    return {
        "ORCHESTRA_BASE_URL": world.account.base_url,
        "ORCHESTRA_API_KEY": "fn_sandbox_of_the_bundle",
        "ORCHESTRA_WEBHOOK_SECRET": SECRET,
    }


async def test_a_bundle_has_ids_timeline_records_and_history(baton: Baton, world: World) -> None:
    placed = await world.place(metadata={"customer": "Ada Lovelace"})
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, outcome="completed")
    answer = await baton("bundle", placed.reference, **at(world))
    file = baton.folder / f"baton-{placed.reference}.zip"
    assert (answer.code, str(file.name) in answer.err) == (0, True)
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {"mail.txt", "timeline.md", "order.json", "webhooks.json", "history.json", "about.json"}
    assert texts["mail.txt"].strip() == answer.out.strip()
    assert f"order id              {snapshot.order_id}" in answer.out
    assert "100 USDC (100000000 smallest units)" in answer.out
    assert "| status completed |" in texts["timeline.md"]
    assert json.loads(texts["order.json"])["order_id"] == snapshot.order_id
    assert "recipientAddress" in texts["history.json"] or "recipient_address" in texts["history.json"]


async def test_nothing_secret_or_private_is_in_a_bundle(baton: Baton, world: World) -> None:
    placed = await world.place(metadata={"customer": "Ada Lovelace"})
    await world.baton.cancel(placed.reference)
    answer = await baton("bundle", placed.reference, "--output", "for-support.zip", "--json", **at(world))
    with zipfile.ZipFile(baton.folder / "for-support.zip") as archive:
        everything = answer.out + "".join(archive.read(name).decode() for name in archive.namelist())
    assert placed.reference in everything
    for private in ("Ada Lovelace", SECRET, "fn_sandbox_of_the_bundle"):
        assert private not in everything


async def test_an_unknown_order_has_no_bundle(baton: Baton, world: World) -> None:
    answer = await baton("bundle", "never-placed", "--json", **at(world))
    assert (answer.code, answer.error["code"]) == (1, "order_unknown")
    assert not list(baton.folder.glob("*.zip"))
