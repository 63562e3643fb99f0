"""The payer: pays quotes and invoices, and schedules when Orchestra sees the deposit by itself."""

from dataclasses import replace
from datetime import timedelta

from baton.local.sandbox.admin.bodies import DepositRequest
from baton.local.sandbox.engine.address_deposits import asset_of
from baton.local.sandbox.engine.addresses import new_address, new_transaction
from baton.local.sandbox.engine.assets import ASSETS, Asset, SandboxFamily
from baton.local.sandbox.engine.payees import Payee
from baton.local.sandbox.engine.pricing import BPS
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid
from baton.local.sandbox.scenarios.scenario import Scenario

_NO_SENDER = (SandboxFamily.BITCOIN, SandboxFamily.LIGHTNING)
"""Chains whose deposits have no sender."""


class SandboxPayer:
    """Pays the quotes of one sandbox."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    async def pay(self, quote: SandboxQuote, request: DepositRequest, scenario: Scenario | None) -> SandboxDeposit:
        """Put a deposit on the chain and return it. Absent fields of the request are made up.

        On a chain with a node the deposit is a transaction there, unless the request names an existing transaction.

        Raises:
            ApiError: `invalid_request`: the request does not fit the chain or the invoice; `conflict`: the transaction
                exists already, or the invoice can no longer be paid; `settlement_failed`: the node refused.
        """
        if scenario is not None:
            self._world.set_scenario(quote, scenario)
        deposit = await self.pay_unseen(quote, request)
        after = self._detect_after(quote, request)
        if after is not None:
            self._world.intake.detect(quote, deposit, after)
        return deposit

    async def pay_unseen(self, quote: SandboxQuote, request: DepositRequest) -> SandboxDeposit:
        """Put a deposit on the chain that Orchestra does not detect by itself, and return it.

        Raises:
            ApiError: As for `pay`.
        """
        order = self._world.store.order_of(quote)
        if order is not None and order.deposit is None:
            self._check_invoice(order, request)
        return self._world.chain.pay(
            await self._pay_on_node(quote.route.source, request, self._deposit(quote, request))
        )

    async def pay_address(self, payee: Payee, request: DepositRequest, scenario: Scenario | None) -> SandboxDeposit:
        """Pay a reusable address and return the deposit, which becomes an order unless Orchestra holds it.

        Raises:
            ApiError: As for `pay`; `invalid_request` also if no amount is given.
        """
        if request.amount is None:
            raise invalid("amount is required: a reusable address does not set one")
        symbol = asset_of(payee, request.asset)
        scenario = scenario or self._world.scenario_for(payee.recipient)
        quote, held = self._quote_of_address(payee, symbol, request.amount, scenario)
        deposit = self._transfer(payee.chain.family, payee.chain.name, payee.deposit_address, request.amount, request)
        deposit.payee_id, deposit.asset, deposit.held = payee.id, symbol, held
        deposit.quote_id = quote.id if quote else ""
        deposit = await self._pay_on_node(ASSETS[payee.chain.name, symbol], request, deposit)
        self._world.chain.pay(deposit)
        after = self._detect_after(quote, request) if quote else None
        if quote is not None and after is not None:
            self._world.intake.detect(quote, deposit, after)
        return deposit

    def _quote_of_address(
        self, payee: Payee, symbol: str, amount: int, scenario: Scenario
    ) -> tuple[SandboxQuote | None, str | None]:
        """Return the quote of a deposit, or the code with which it is held."""
        held = self._world.address_deposits.objection(payee, symbol, scenario)
        if held is not None:
            return None, held
        try:
            quote = self._world.address_deposits.quote(payee, symbol, amount)
        except ApiError as refusal:
            return None, refusal.code
        self._world.set_scenario(quote, scenario)
        return quote, None

    async def _pay_on_node(self, asset: Asset, request: DepositRequest, deposit: SandboxDeposit) -> SandboxDeposit:
        """Pay on the chain's node, if there is one, and return the deposit with the ids from there."""
        real_deposits = self._world.real_deposits
        if deposit.chain not in real_deposits.chains or _transaction(request):
            return deposit
        if request.bitcoin_vout is not None or request.source_address is not None:
            raise invalid(f"deposits on {deposit.chain} are real: leave bitcoinVout and sourceAddress to the node")
        payment = await real_deposits.pay(asset, deposit.address, deposit.amount)
        return replace(deposit, transaction=payment.tx_id, vout=payment.vout, sender=payment.sender)

    def _check_invoice(self, order: SandboxOrder, request: DepositRequest) -> None:
        if not self._world.intake.unpaid.is_payable(order):
            raise ApiError("conflict", f"the invoice of {order.id} cannot be paid: the order is {order.status}")
        if request.amount not in (None, order.quote.price.amount_in):
            raise invalid(f"amount: the invoice asks for exactly {order.quote.price.amount_in} sats")

    def _deposit(self, quote: SandboxQuote, request: DepositRequest) -> SandboxDeposit:
        family = quote.route.source.chain.family
        # An invoice is paid exactly or not at all, so the scenario's share does not apply.
        share = BPS if family is SandboxFamily.LIGHTNING else quote.scenario.deposit_bps
        usual = quote.price.amount_in * share // BPS
        amount = usual if request.amount is None else request.amount
        deposit = self._transfer(family, quote.chain, quote.deposit_address, amount, request)
        deposit.quote_id = quote.id
        # A Lightning deposit is identified by its receive request.
        deposit.transaction = quote.receive_request or deposit.transaction
        return deposit

    def _transfer(
        self, family: SandboxFamily, chain: str, address: str, amount: int, request: DepositRequest
    ) -> SandboxDeposit:
        on_bitcoin = family is SandboxFamily.BITCOIN
        if request.bitcoin_vout is not None and not on_bitcoin:
            raise invalid("bitcoinVout belongs to a deposit on bitcoin")
        return SandboxDeposit(
            chain=chain,
            transaction=_transaction(request) or new_transaction(family),
            vout=(request.bitcoin_vout or 0) if on_bitcoin else None,
            address=address,
            amount=amount,
            sender=request.source_address or (None if family in _NO_SENDER else new_address(family)),
            visible_at=self._world.clock.now() + timedelta(seconds=request.visible_after),
            quote_id="",
        )

    def _detect_after(self, quote: SandboxQuote, request: DepositRequest) -> float | None:
        """Return after how many seconds Orchestra sees the deposit by itself; None if it waits for a submit."""
        order, usual = self._world.store.order_of(quote), self._world.options.detect_seconds
        if order is not None and order.deposit is None:
            # The payment of an invoice is detected at once, and needs no submit.
            return 0.0
        if request.detect is not None:
            return usual if request.detect else None
        if quote.scenario.detect_after is not None:
            return quote.scenario.detect_after
        watched = not quote.is_shown or self._world.intake.is_watching(quote)
        return usual if watched else None


def _transaction(request: DepositRequest) -> str | None:
    """Return the transaction that the request names, if any."""
    return request.tx_hash or request.spark_tx_hash or request.bitcoin_txid
