"""The payer's side: sends deposits to what a quote asks for, and lets Orchestra see them where it would."""

from dataclasses import replace
from datetime import timedelta

from baton.local.sandbox.admin.admin_bodies import DepositOrder
from baton.local.sandbox.engine.addresses import new_address, new_transaction
from baton.local.sandbox.engine.assets import SandboxFamily
from baton.local.sandbox.engine.pricing import BPS
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid

_NO_SENDER = (SandboxFamily.BITCOIN, SandboxFamily.LIGHTNING)
"""Where a deposit has no sender to speak of."""


class SandboxPayer:
    """Pays in one sandbox."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    async def pay(self, quote: SandboxQuote, wish: DepositOrder) -> SandboxDeposit:
        """Put a deposit on the chain. What the wish leaves out is made up.

        On a chain with a node the deposit is a transaction there, unless the wish names one that was made already.

        Raises:
            ApiError: `invalid_request`: the wish does not fit the chain or the invoice; `conflict`: the transaction
                exists already, or the invoice can be paid no more; `settlement_failed`: the node refused.
        """
        deposit = await self.pay_unseen(quote, wish)
        after = self._seen_after(quote, wish)
        if after is not None:
            self._world.intake.detect(quote, deposit, after)
        return deposit

    async def pay_unseen(self, quote: SandboxQuote, wish: DepositOrder) -> SandboxDeposit:
        """Put a deposit on the chain that Orchestra does not see by itself.

        Raises:
            ApiError: As for `pay`.
        """
        order = self._world.store.order_of(quote)
        if order is not None and order.deposit is None:
            self._check_invoice(order, wish)
        return self._world.chain.pay(await self._settled(quote, wish, self._deposit(quote, wish)))

    async def _settled(self, quote: SandboxQuote, wish: DepositOrder, deposit: SandboxDeposit) -> SandboxDeposit:
        """Make the deposit on its chain's node; return it with the ids that it got there."""
        settling = self._world.settling
        if quote.chain not in settling.chains or _named(wish):
            return deposit
        if wish.bitcoin_vout is not None or wish.source_address is not None:
            raise invalid(f"deposits on {quote.chain} are real: leave bitcoinVout and sourceAddress to the node")
        paid = await settling.pay(quote.route.source, deposit.address, deposit.amount)
        return replace(deposit, transaction=paid.tx_id, vout=paid.vout, sender=paid.sender)

    def _check_invoice(self, order: SandboxOrder, wish: DepositOrder) -> None:
        if not self._world.intake.unpaid.is_payable(order):
            raise ApiError("conflict", f"the invoice of {order.id} cannot be paid: the order is {order.status}")
        if wish.amount not in (None, order.quote.price.amount_in):
            raise invalid(f"amount: the invoice asks for exactly {order.quote.price.amount_in} sats")

    def _deposit(self, quote: SandboxQuote, wish: DepositOrder) -> SandboxDeposit:
        family = quote.route.source.chain.family
        on_bitcoin = family is SandboxFamily.BITCOIN
        if wish.bitcoin_vout is not None and not on_bitcoin:
            raise invalid("bitcoinVout belongs to a deposit on bitcoin")
        # An invoice is paid exactly or not at all.
        share = BPS if family is SandboxFamily.LIGHTNING else quote.scenario.deposit_bps
        usual = quote.price.amount_in * share // BPS
        return SandboxDeposit(
            chain=quote.chain,
            # A Lightning deposit is known by its receive request.
            transaction=quote.receive_request or _named(wish) or new_transaction(family),
            vout=(wish.bitcoin_vout or 0) if on_bitcoin else None,
            address=quote.deposit_address,
            amount=usual if wish.amount is None else wish.amount,
            sender=wish.source_address or (None if family in _NO_SENDER else new_address(family)),
            visible_at=self._world.clock.now() + timedelta(seconds=wish.visible_after),
            quote_id=quote.id,
        )

    def _seen_after(self, quote: SandboxQuote, wish: DepositOrder) -> float | None:
        """Return after how many seconds Orchestra sees the deposit by itself; None when it waits for a submit."""
        order, usual = self._world.store.order_of(quote), self._world.options.detect_seconds
        if order is not None and order.deposit is None:
            # A payment of an invoice arrives as it is made, and needs no submit.
            return 0.0
        if wish.detect is not None:
            return usual if wish.detect else None
        if quote.scenario.detect_after is not None:
            return quote.scenario.detect_after
        watched = not quote.is_shown or self._world.intake.is_watching(quote)
        return usual if watched else None


def _named(wish: DepositOrder) -> str | None:
    """Return the transaction that the wish names."""
    return wish.tx_hash or wish.spark_tx_hash or wish.bitcoin_txid
