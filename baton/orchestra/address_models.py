"""Requests and answers of reusable deposit addresses. Source: the partner API reference, reusable addresses.

An answer holds what was fixed when the address was made: fees, slippage and destination never change by themselves. The
reference shows only parts of the answers, so reading is tolerant: a field that is missing is None, and unknown.
"""

from typing import Annotated, Any, Self

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from baton.encoding.amounts import TolerantTime
from baton.orchestra.models import MAX_ADDRESS, Id, KeyedAnswer, Label, Wire
from baton.orchestra.tolerant_fields import TolerantCount, TolerantFlag, optional, readable

MAX_CHAINS = 100
"""Deposit addresses of one reusable address that are kept, one for each chain."""


def _addresses_only(value: Any) -> dict[str, str]:
    entries = list(value.items())[:MAX_CHAINS] if isinstance(value, dict) else []
    return {chain: text for chain, text in entries if isinstance(text, str) and 0 < len(text) <= MAX_ADDRESS}


ByChain = Annotated[dict[str, str], BeforeValidator(_addresses_only)]
"""Addresses by chain; entries that cannot be read are left out."""


class AccumulationRequest(Wire):
    """Body of `POST /v1/accumulation-addresses`: deposits from one chain, delivered to Spark."""

    source_chain: str
    source_asset: str
    destination_asset: str
    recipient_spark_address: str
    label: str | None = None
    fee_bps: int | None = None
    slippage_bps: int | None = None
    refund_addresses: dict[str, str] | None = None


class LiquidationRequest(Wire):
    """Body of `POST /v1/liquidation-addresses`: deposits of bitcoin, delivered as any asset."""

    destination_chain: str
    destination_asset: str
    destination_address: str
    label: str | None = None
    zeroconf_enabled: bool | None = None
    fee_bps: int | None = None
    slippage_bps: int | None = None


class AddressDestination(Wire):
    """Where the output of every deposit goes."""

    chain: str
    asset: str
    address: str


class StandingRequest(Wire):
    """Body of `PUT /v1/standing-deposit-addresses/{ref}`: deposits from many chains, delivered to one destination.

    It can never be changed afterwards. The API rejects unknown fields.
    """

    destination: AddressDestination
    slippage_bps: int | None = None
    affiliate_ids: list[str] | None = None
    refund_addresses: dict[str, str] | None = None


class _ReusableAddress(KeyedAnswer):
    """What the answers of all kinds share."""

    fee_bps: TolerantCount = None
    slippage_bps: TolerantCount = None
    enabled: TolerantFlag = None
    created_at: TolerantTime = None
    label: Label = None


class AccumulationAddress(_ReusableAddress):
    """An accumulation address. Older accounts get one deposit address for each chain."""

    id: Id = Field(validation_alias=AliasChoices("accumulationAddressId", "id"))
    deposit_address: Label = None
    deposit_addresses: ByChain = Field(default={})
    source_chain: Label = None
    source_asset: Label = None
    destination_asset: Label = None
    recipient_spark_address: Label = None

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if not (self.deposit_address or self.deposit_addresses):
            raise ValueError("there is neither depositAddress nor depositAddresses")
        return self


class LiquidationAddress(_ReusableAddress):
    """A liquidation address on Bitcoin."""

    id: Id = Field(validation_alias=AliasChoices("liquidationAddressId", "id"))
    l1_deposit_address: str = Field(min_length=1, max_length=MAX_ADDRESS)
    destination: Annotated[AddressDestination | None, optional(AddressDestination)] = None
    zeroconf_enabled: TolerantFlag = None


class StandingDepositAddress(_ReusableAddress):
    """A standing deposit address: the partner's own reference, and one address to pay for each chain."""

    ref: Id
    addresses: ByChain
    destination: Annotated[AddressDestination | None, optional(AddressDestination)] = None

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if not self.addresses:
            raise ValueError("addresses names no chain")
        return self


def _first_list(answer: Any) -> Any:
    """Return the entries of a list under whatever name the API gives it."""
    lists = [value for value in answer.values() if isinstance(value, list)] if isinstance(answer, dict) else []
    return {"addresses": lists[0]} if lists else answer


class AccumulationPage(Wire):
    """A page of accumulation addresses; entries that cannot be read are left out."""

    addresses: Annotated[list[AccumulationAddress], readable(AccumulationAddress)]

    _any_name = model_validator(mode="before")(_first_list)


class LiquidationPage(Wire):
    """A page of liquidation addresses; entries that cannot be read are left out."""

    addresses: Annotated[list[LiquidationAddress], readable(LiquidationAddress)]

    _any_name = model_validator(mode="before")(_first_list)
