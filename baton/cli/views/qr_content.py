"""What the QR code of an order should hold, and when there is to be none. Pure.

An onramp's code opens the payment app; a swap's holds the chain's own payment URI, or the bare address where wallets
agree on none or the asset is not known for sure. A wrong contract or amount in a code costs the payer's money, so what
is in doubt is left out.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from baton.cli.views.rendering import awaits_payer
from baton.cli.views.wording import moment
from baton.encoding.payment_uris import payment_uri
from baton.orchestra.rules.routes import AssetDetails, RouteCatalogue

if TYPE_CHECKING:
    from baton.chains.spec import ChainSpec
    from baton.orchestra.rules.objections import Routes
    from baton.orchestra.rules.routes import RouteAsset
    from baton.orders.answers import Snapshot

_LIGHTNING = "lightning"


class NoCode(ValueError):
    """There is nothing that a code should have paid; the text says why, and what to do instead."""


class SourceAsset(NamedTuple):
    """What a payment URI must know of an asset.

    Attributes:
        contract: The token's contract or mint; None for the chain's own coin.
        decimals: Its decimals.
        chain_id: The EVM chain id, where told.
    """

    contract: str | None
    decimals: int
    chain_id: str | int | None = None


def find_asset(
    chain: str, symbol: str, chains: Mapping[str, "ChainSpec"], routes: "Routes | None"
) -> SourceAsset | None:
    """Return what is known of an asset; None where nothing is, or where catalogue and routes contradict each other.

    Args:
        chain: The chain by the API's name.
        symbol: The asset by the API's name.
        chains: The chain catalogue.
        routes: The API's route list, where one is at hand.
    """
    if chain == _LIGHTNING:
        return SourceAsset(None, 0)
    known, told = _of_catalogue(chains.get(chain), symbol), _of_routes(routes, chain, symbol)
    if known and told and (_plain(known.contract), known.decimals) != (_plain(told.contract), told.decimals):
        return None
    return known or told


def qr_content(order: "Snapshot", asset: SourceAsset | None, now: datetime) -> str:
    """Return what the order's code holds.

    Args:
        order: Its snapshot.
        asset: What is known of the asset to pay in, see `find_asset`; None makes it the bare address.
        now: The present.

    Raises:
        NoCode: Nothing is to be paid, or not by a code.
    """
    if objection := _objection(order, now):
        raise NoCode(objection)
    if order.page is not None:
        assert order.page.deeplink is not None
        return order.page.deeplink
    assert order.deposit_address is not None
    uri = asset and payment_uri(
        order.source_chain, asset.contract, order.deposit_address, order.amount_in, asset.decimals, asset.chain_id
    )
    return uri or order.deposit_address


def _objection(order: "Snapshot", now: datetime) -> str | None:
    if order.outcome is not None:
        return f"no code: the order is closed as {order.outcome}, nothing is to be paid any more"
    if order.page is not None and order.page.deeplink is None:
        return "no code: there is no invoice yet, Orchestra holds the order for a review; ask again later"
    if order.phase == "quoting":
        return "no code: the order has no quote yet; ask again in a moment"
    if not awaits_payer(order) or (order.page is None and _paid(order)):
        return "no code: a deposit is known already, and a second one would not belong to the order"
    if order.source_chain == _LIGHTNING and order.expires_at is not None and order.expires_at <= now:
        return f"no code: the invoice ran out at {moment(order.expires_at)}"
    if order.deposit_memo:
        return "no code: the deposit needs a memo, which wallets do not take from a code; copy address and memo"
    return None


def _paid(order: "Snapshot") -> bool:
    """Tell whether money was told of, by whomever: then the wait is for somebody else than the payer."""
    return order.proof is not None or order.waiting_for is None or order.waiting_for.who != "payer"


def _plain(contract: str | None) -> str | None:
    # Hexadecimal addresses come with and without the capitals of their checksum; others tell capitals apart.
    return contract.lower() if contract and contract.startswith("0x") else contract


def _of_catalogue(spec: "ChainSpec | None", symbol: str) -> SourceAsset | None:
    if spec is None:
        return None
    if symbol == spec.native:
        return SourceAsset(None, spec.native_decimals, spec.chain_id)
    token = spec.tokens.get(symbol)
    return SourceAsset(token.contract, token.decimals, spec.chain_id) if token else None


def _of_routes(routes: "Routes | None", chain: str, symbol: str) -> SourceAsset | None:
    told = _entry(routes, chain, symbol)
    # Without a contract it may be the chain's own coin, or a token of which the list does not tell enough.
    if told is None or told.contract_address is None or told.decimals is None or told.decimals < 0:
        return None
    return SourceAsset(told.contract_address, told.decimals, told.chain_id)


def _entry(routes: "Routes | None", chain: str, symbol: str) -> "AssetDetails | RouteAsset | None":
    if routes is None or isinstance(routes, RouteCatalogue):
        return routes.asset(f"{chain}:{symbol}") if routes else None
    sides = (side for pair in routes.routes for side in (pair.source, pair.destination) if side)
    return next((side for side in sides if (side.chain, side.asset) == (chain, symbol)), None)
