"""One sandbox: its clock, its memory, its engine and its webhooks, put together."""

import asyncio
import uuid
from datetime import timedelta

from baton.local.sandbox.admin.fault_board import FaultBoard
from baton.local.sandbox.admin.faults import FaultSpec, WebhookFaultSpec
from baton.local.sandbox.admin.journal import Journal
from baton.local.sandbox.api.idempotency import IdempotencyStore
from baton.local.sandbox.api.quote_request import EXACT_OUT, SandboxQuoteRequest
from baton.local.sandbox.engine.addresses import new_address, new_invoice, new_receive_request
from baton.local.sandbox.engine.approvals import Approvals
from baton.local.sandbox.engine.assets import (
    MAX_NOTIONAL_CENTS,
    MIN_NOTIONAL_CENTS,
    OPENING_PRICES,
    SandboxChain,
    SandboxFamily,
)
from baton.local.sandbox.engine.chain import SimulatedChain
from baton.local.sandbox.engine.clock import Clock
from baton.local.sandbox.engine.deliveries import Courier
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.intake import DepositIntake
from baton.local.sandbox.engine.pricing import Price, PricedAppFee, cents, price_exact_in, price_exact_out
from baton.local.sandbox.engine.real_chains import open_settling
from baton.local.sandbox.engine.routes import Route
from baton.local.sandbox.engine.store import SandboxQuote, Store
from baton.local.sandbox.engine.webhooks_out import Webhooks
from baton.local.sandbox.errors import ApiError
from baton.local.sandbox.options import Options
from baton.local.sandbox.scenarios.scenario import Scenario
from baton.local.sandbox.scenarios.scenario_book import ScenarioBook, load_scenarios


class SandboxWorld:
    """Everything that one sandbox knows and does.

    Raises:
        ScenarioError: The scenario file does not fit, or the scenario named does not exist.
        NodeFileError: The file of nodes does not fit.
        NodeMissing: Something that paying on them needs is not installed.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.api_keys = dict(options.api_keys)
        self.clock = Clock()
        self.prices = dict(OPENING_PRICES)
        self.spot_known = True
        self.ending = asyncio.Event()
        self.store = Store()
        self.scenarios = load_scenarios(options.scenario_file) if options.scenario_file else ScenarioBook()
        self.scenario_of: dict[str, Scenario] = {}
        if options.scenario:
            self.scenarios.choose(options.scenario)
        self.call_faults: FaultBoard[FaultSpec] = FaultBoard("fault")
        self.webhook_faults: FaultBoard[WebhookFaultSpec] = FaultBoard("webhook_fault")
        self.journal = Journal(self.clock)
        self.idempotency = IdempotencyStore(options.unstored_codes)
        self.chain = SimulatedChain(self.clock, missing_status=options.missing_status)
        self.settling = open_settling(options.settle)
        courier = Courier(self.clock, retry_scale=options.retry_scale, receiver_timeout=options.receiver_timeout)
        self.webhooks = Webhooks(self.clock, self.webhook_faults, courier)
        self.engine = Engine(
            self.clock, self.webhooks.announce, step_seconds=options.step_seconds, time_scale=options.time_scale
        )
        self.intake = DepositIntake(
            self.store, self.clock, self.chain, self.engine, self.prices, recovery_seconds=options.recovery_seconds
        )
        self.approvals = Approvals(self.engine, self.clock, options.generation)
        if options.webhook_url:
            first_partner = next(iter(options.api_keys.values()))
            self.webhooks.register(
                first_partner, options.webhook_url, options.webhook_secret, topics=("orders", "recovery")
            )

    def price(self, route: Route, amount: int, mode: str, fees: tuple[PricedAppFee, ...]) -> Price:
        """Price an order at the present prices.

        Raises:
            ApiError: `amount_too_small` or `amount_too_large`.
        """
        if mode == EXACT_OUT:
            price = price_exact_out(route, amount, self.prices)
        else:
            price = price_exact_in(route, amount, fees, self.prices)
        worth = cents(price.amount_in, route.source, self.prices)
        if worth < MIN_NOTIONAL_CENTS or price.amount_out <= 0:
            raise ApiError("amount_too_small", f"an order must be worth at least {MIN_NOTIONAL_CENTS} US cents")
        if worth > MAX_NOTIONAL_CENTS:
            raise ApiError("amount_too_large", f"an order must be worth at most {MAX_NOTIONAL_CENTS} US cents")
        return price

    def quote(
        self, partner: str, request: SandboxQuoteRequest, *, ttl: float | None = None, reusable: str | None = None
    ) -> SandboxQuote:
        """Make a quote with its deposit instruction.

        Args:
            partner: Whose it is.
            request: What is wanted.
            ttl: Seconds that it is valid; the usual time when absent.
            reusable: The reusable address that was paid. Partners are not shown such a quote.

        Raises:
            ApiError: `amount_too_small` or `amount_too_large`.
        """
        price = self.price(request.route, request.amount, request.amount_mode, request.app_fees)
        source, now = request.route.source.chain, self.clock.now()
        on_lightning = source.family is SandboxFamily.LIGHTNING
        expires = now + timedelta(seconds=ttl or self.options.quote_ttl)
        address = new_invoice(price.amount_in, now, expires) if on_lightning else self.deposit_address(source)
        quote = SandboxQuote(
            id=f"q_{uuid.uuid4()}",
            partner=partner,
            request=request,
            price=price,
            prices=dict(self.prices),
            deposit_address=reusable or address,
            receive_request=new_receive_request() if on_lightning else None,
            created_at=now,
            expires_at=expires,
            scenario=self.scenario_of.get(request.recipient, self.scenarios.default),
            is_shown=reusable is None,
        )
        if quote.is_shown:
            self.store.add(quote)
        self._arm(quote)
        return quote

    def deposit_address(self, chain: SandboxChain) -> str:
        """Return a fresh deposit address: a real one where the chain has a node, else one that looks the part."""
        return self.settling.address(chain) or new_address(chain.family)

    def play(self, quote: SandboxQuote, scenario: Scenario) -> None:
        """Give a quote another scenario; its faults replace those in force for the quote.

        Raises:
            ApiError: `conflict`: the quote became an order already, and was paid.
        """
        order = self.store.order_of(quote)
        if order is not None and order.deposit is not None:
            raise ApiError("conflict", f"{quote.id} became {quote.order_id} already; choose before the deposit")
        quote.scenario = scenario
        self.call_faults.remove_for_quote(quote.id)
        self.webhook_faults.remove_for_quote(quote.id)
        self._arm(quote)

    def release(self) -> None:
        """Let go of every withheld answer and end every stream, so that the server can end."""
        self.ending.set()
        self.call_faults.clear()

    async def close(self) -> None:
        """Stop every order and delivery, and leave the nodes alone."""
        await self.engine.close()
        await self.webhooks.close()
        await self.settling.close()

    def _arm(self, quote: SandboxQuote) -> None:
        self.call_faults.add_for_quote(quote.scenario.faults, quote.id)
        self.webhook_faults.add_for_quote(quote.scenario.webhooks, quote.id)
