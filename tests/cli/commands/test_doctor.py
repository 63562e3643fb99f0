"""`baton doctor`: what it prints, and how it exits."""

from pathlib import Path

from tests.cli.command import Baton
from tests.doctor.conftest import keep_ended_orders
from tests.doctor.examination import settings_of
from tests.end_to_end.world import World


def at(world: World) -> dict[str, str]:
    return {**settings_of(world), "ORCHESTRA_WEBHOOK_SECRET": "whsec_another"}


async def test_a_problem_is_printed_with_effect_and_remedy(baton: Baton, world: World) -> None:
    answer = await baton("doctor", "--gateway", world.gateway_url, **at(world))
    assert answer.code == 1
    assert "PROBLEM  default: a signed test delivery" in answer.out
    assert "means   webhooks do not arrive" in answer.out
    assert "mend    give the gateway the same settings" in answer.out
    assert "ok       Temporal answers" in answer.out


async def test_json_has_one_finding_a_line(baton: Baton, world: World) -> None:
    answer = await baton("doctor", "--gateway", world.gateway_url, "--json", **at(world))
    levels = {finding["check"]: finding["level"] for finding in answer.lines}
    assert levels["webhook.delivery"] == "problem"
    assert levels["workers.workflows"] == "ok"
    assert answer.code == 1


async def test_a_warning_fails_only_a_strict_examination(baton: Baton, world: World, tmp_path: Path) -> None:
    await keep_ended_orders(world.environment)
    missing = {**settings_of(world), "BATON_LEDGER_URL": f"sqlite:///{tmp_path / 'later.db'}"}
    arguments = ("doctor", "--gateway", world.gateway_url)
    answer = await baton(*arguments, **missing)
    strict = await baton(*arguments, "--strict", **missing)
    assert "warning  there is no ledger" in answer.out
    assert (answer.code, strict.code) == (0, 1)
