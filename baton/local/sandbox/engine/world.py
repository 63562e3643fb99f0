"""One sandbox: its clock, memory, engine and webhooks, put together."""

import asyncio
import uuid
from datetime import timedelta

from baton.local.sandbox.engine.active_faults import ActiveFaults
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
from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.engine.deliveries import WebhookSender
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.intake import DepositIntake
from baton.local.sandbox.engine.pricing import Price, PricedAppFee, cents, price_exact_in, price_exact_out
from baton.local.sandbox.engine.real_deposits import open_real_deposits
from baton.local.sandbox.engine.routes import SandboxRoute
from baton.local.sandbox.engine.store import EXACT_OUT, SandboxQuote, SandboxQuoteRequest, Store
from baton.local.sandbox.engine.webhooks import Webhooks
from baton.local.sandbox.errors import ApiError
from baton.local.sandbox.options import Options
from baton.local.sandbox.scenarios.book import ScenarioBook, load_scenarios
from baton.local.sandbox.scenarios.faults import FaultSpec, WebhookFaultSpec
from baton.local.sandbox.scenarios.scenario import Scenario


class SandboxWorld:
    """The state and the services of one sandbox.

    Raises:
        ScenarioError: The scenario file is invalid, or the chosen scenario does not exist.
        NodeFileError: The file of nodes is invalid.
        NodeMissing: Something that a node's client needs is not installed.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.api_keys = dict(options.api_keys)
        self.clock = SandboxClock()
        self.prices = dict(OPENING_PRICES)
        self.spot_known = True
        self.ending = asyncio.Event()
        self.store = Store()
        self.scenarios = load_scenarios(options.scenario_file) if options.scenario_file else ScenarioBook()
        self.scenario_of: dict[str, Scenario] = {}
        if options.scenario:
            self.scenarios.choose(options.scenario)
        self.call_faults: ActiveFaults[FaultSpec] = ActiveFaults("fault")
        self.webhook_faults: ActiveFaults[WebhookFaultSpec] = ActiveFaults("webhook_fault")
        self.chain = SimulatedChain(self.clock, missing_status=options.missing_status)
        self.real_deposits = open_real_deposits(options.settle)
        sender = WebhookSender(self.clock, retry_scale=options.retry_scale, receiver_timeout=options.receiver_timeout)
        self.webhooks = Webhooks(self.clock, self.webhook_faults, sender)
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

    def price(self, route: SandboxRoute, amount: int, mode: str, fees: tuple[PricedAppFee, ...]) -> Price:
        """Return the price of an order at the present prices.

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
        """Make a quote with its deposit instruction and return it.

        Args:
            partner: Owner of the quote.
            request: The quote request.
            ttl: Seconds until it expires; the sandbox's option when absent.
            reusable: The reusable address that was paid, if any. Partners never see such a quote.

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
        self._add_faults(quote)
        return quote

    def deposit_address(self, chain: SandboxChain) -> str:
        """Return a new deposit address: a real one where the chain has a node, otherwise a made-up one."""
        return self.real_deposits.address(chain) or new_address(chain.family)

    def set_scenario(self, quote: SandboxQuote, scenario: Scenario) -> None:
        """Give a quote another scenario, and replace the quote's active faults with those of the scenario.

        Raises:
            ApiError: `conflict`: the quote already has a paid order.
        """
        order = self.store.order_of(quote)
        if order is not None and order.deposit is not None:
            raise ApiError("conflict", f"{quote.id} already became {quote.order_id}; choose before the deposit")
        quote.scenario = scenario
        self.call_faults.remove_for_quote(quote.id)
        self.webhook_faults.remove_for_quote(quote.id)
        self._add_faults(quote)

    def release_answers(self) -> None:
        """Release every withheld answer and end every event stream, so that the server can shut down."""
        self.ending.set()
        self.call_faults.clear()

    async def close(self) -> None:
        """Stop every order and delivery, and close the connections to the nodes."""
        await self.engine.close()
        await self.webhooks.close()
        await self.real_deposits.close()

    def _add_faults(self, quote: SandboxQuote) -> None:
        self.call_faults.add_for_quote(quote.scenario.faults, quote.id)
        self.webhook_faults.add_for_quote(quote.scenario.webhooks, quote.id)
