"""The answers about reusable addresses, in the shapes that the reference and older accounts show."""

import pytest
from pydantic import ValidationError

from baton.orchestra.address_models import (
    AccumulationAddress,
    AccumulationPage,
    LiquidationAddress,
    StandingDepositAddress,
)


def test_an_older_account_gets_an_address_for_each_chain() -> None:
    answer = {"accumulationAddressId": "acc_1", "depositAddresses": {"base": "0xa", "solana": "So1", "odd": 7}}

    assert AccumulationAddress.model_validate(answer).deposit_addresses == {"base": "0xa", "solana": "So1"}


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        (AccumulationAddress, {"accumulationAddressId": "acc_1"}),
        (AccumulationAddress, {"depositAddress": "0xa"}),
        (LiquidationAddress, {"liquidationAddressId": "liq_1"}),
        (StandingDepositAddress, {"ref": "r", "addresses": {}}),
    ],
)
def test_an_answer_without_id_or_address_cannot_be_used(model: type, answer: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(answer)


def test_odd_optional_fields_are_unknown_and_do_not_spoil_the_rest() -> None:
    answer = {"liquidationAddressId": "liq_1", "l1DepositAddress": "bc1q", "enabled": "yes", "destination": "base"}

    address = LiquidationAddress.model_validate(answer)

    assert (address.enabled, address.destination, address.l1_deposit_address) == (None, None, "bc1q")


@pytest.mark.parametrize("name", ["accumulationAddresses", "addresses", "data"])
def test_a_list_is_read_under_any_name_without_its_unreadable_entries(name: str) -> None:
    page = AccumulationPage.model_validate({name: [{"id": "acc_1", "depositAddress": "0xa"}, {"id": "acc_2"}, 7]})

    assert [address.id for address in page.addresses] == ["acc_1"]
