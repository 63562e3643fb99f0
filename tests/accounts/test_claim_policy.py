"""When balances are claimed is said in an account's settings; a wrong value is named by its field."""

from datetime import timedelta
from typing import Any

import pytest

from baton.accounts.claim_schedules import schedule_of
from baton.accounts.policies import check_policies, claim_policy
from baton.settings import PartnerAccount, SettingsError
from tests.paths import ROOT


def account(**affiliates: Any) -> PartnerAccount:
    return PartnerAccount(name="shop", affiliates=affiliates)


def test_without_settings_nothing_is_claimed_by_itself() -> None:
    policy = claim_policy(account())

    assert (policy.claim_every, policy.minimum_cents) == (None, 2500)


def test_the_interval_and_the_minimum_are_read_exactly() -> None:
    policy = claim_policy(account(claim_every="P1DT12H", claim_minimum_usd="10.07"))

    assert (policy.claim_every, policy.minimum_cents) == (timedelta(hours=36), 1007)


@pytest.mark.parametrize(
    ("affiliates", "field"),
    [
        ({"claim_every": "daily"}, "affiliates.claim_every"),
        ({"claim_every": "PT1S"}, "affiliates.claim_every"),
        ({"claim_minimum_usd": "0.99"}, "affiliates.claim_minimum_usd"),
        ({"claim_minimum_usd": "1.001"}, "affiliates.claim_minimum_usd"),
        ({"claim_evry": "P1D"}, "affiliates.claim_evry"),
    ],
)
def test_a_wrong_setting_is_named_by_its_field(affiliates: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError, match=field):
        check_policies(account(**affiliates))


def test_all_mistakes_of_all_policies_are_named_at_once() -> None:
    wrong = PartnerAccount(
        name="shop",
        affiliates={"claim_every": "soon", "claim_minimum_usd": "lots"},
        onramp={"nonsense": 1},
    )
    with pytest.raises(SettingsError) as error:
        check_policies(wrong)
    for field in ("affiliates.claim_every", "affiliates.claim_minimum_usd", "onramp.nonsense"):
        assert f"{field}: " in str(error.value)


def test_the_schedule_never_runs_two_rounds_at_once() -> None:
    schedule = schedule_of("shop", timedelta(hours=6))

    assert schedule.spec.intervals[0].every == timedelta(hours=6)
    assert schedule.policy.overlap.name == "SKIP"


@pytest.mark.parametrize("field", ["claim_every", "claim_minimum_usd"])
def test_the_page_on_affiliates_names_every_field(field: str) -> None:
    assert f"`{field}`" in (ROOT / "docs" / "affiliates.md").read_text(encoding="utf-8")
