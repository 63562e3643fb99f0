"""Amounts of an order with their assets: what people and programs read beside the smallest units."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from baton.encoding.amounts import Amount
from baton.encoding.units import whole


class AssetAmount(BaseModel):
    """An amount of one asset, in the asset's smallest units and, where the decimals are known, in whole units."""

    amount: Amount
    asset: str
    chain: str | None = None
    """None where only the symbol is known, as of a fee whose asset Orchestra names without its chain."""
    decimals: int | None = None
    """Decimals of the asset on this chain; None where nobody states them, because a guess could be wrong."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def display(self) -> str | None:
        """The amount in whole units, exact and without trailing zeros; None where the decimals are unknown."""
        return None if self.decimals is None else whole(self.amount, self.decimals)

    @property
    def units(self) -> Decimal | None:
        """The amount in whole units, exactly; None where the decimals are unknown."""
        if self.decimals is None:
            return None
        return Decimal((0, tuple(int(digit) for digit in str(self.amount)), -self.decimals))


class OrderAmounts(BaseModel):
    """The amounts of an order; None where one is not known, or not yet. `in_` is `in` in JSON."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    in_: AssetAmount | None = Field(default=None, alias="in")
    """What the quote asks the payer to send."""
    estimated_out: AssetAmount | None = None
    """What the order is expected to deliver."""
    out: AssetAmount | None = None
    """What was delivered."""
    fee: AssetAmount | None = None
    """Orchestra's fee."""
    received: AssetAmount | None = None
    """What came in, by the chain until Orchestra reports it."""
    refund: AssetAmount | None = None
    """What was refunded."""
