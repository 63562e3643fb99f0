"""One sandbox: its clock, memory, engine and webhooks, put together; and its settings that the admin API can change."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from baton.local.sandbox.engine.active_faults import ActiveFaults
from baton.local.sandbox.engine.address_deposits import AddressDeposits
from baton.local.sandbox.engine.addresses import new_address, new_invoice, new_receive_request
from baton.local.sandbox.engine.affiliates import Affiliates
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
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.intake import DepositIntake
from baton.local.sandbox.engine.memory import Memory, Table
from baton.local.sandbox.engine.payee_book import PayeeBook
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
        StateFileError: The file of the sandbox's state cannot be used.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.memory = Memory(options.state_file)
        self._settings: Table[Any] = self.memory.table("settings", Any)
        self.clock = SandboxClock(self._settings.get("clock_offset", 0.0))
        self.prices: Table[int] = self.memory.table("prices", int)
        for symbol, price in OPENING_PRICES.items():
            self.prices.setdefault(symbol, price)
        self.ending = asyncio.Event()
        self.store = Store(self.memory)
        self.scenarios = load_scenarios(options.scenario_file) if options.scenario_file else ScenarioBook()
        self.scenario_of: Table[Scenario] = self.memory.table("scenario_of", Scenario)
        self.next_scenario_of: Table[Scenario] = self.memory.table("next_scenario_of", Scenario)
        chosen = options.scenario or self._known_scenario(self._settings.get("scenario"))
        if chosen:
            self.scenarios.choose(chosen)
        self.call_faults: ActiveFaults[FaultSpec] = ActiveFaults("fault", FaultSpec, self.memory)
        self.webhook_faults: ActiveFaults[WebhookFaultSpec] = ActiveFaults(
            "webhook_fault", WebhookFaultSpec, self.memory
        )
        self.chain = SimulatedChain(self.clock, self.store.deposits, missing_status=options.missing_status)
        self.real_deposits = open_real_deposits(options.settle)
        self.webhooks = Webhooks(
            self.clock,
            self.webhook_faults,
            self.memory,
            retry_scale=options.retry_scale,
            receiver_timeout=options.receiver_timeout,
        )
        self.engine = Engine(
            self.clock,
            self.webhooks.announce,
            self.store.changed,
            self.store.moved,
            step_seconds=options.step_seconds,
            time_scale=options.time_scale,
        )
        self.intake = DepositIntake(
            self.store, self.clock, self.chain, self.engine, self.prices, recovery_seconds=options.recovery_seconds
        )
        self.affiliates = Affiliates(self.store, self.clock, self.engine, self.prices, self.memory)
        self.address_deposits = AddressDeposits(self.chain, self.engine, self.intake, self.quote)
        self.approvals = Approvals(self.engine, self.clock, options.generation)
        if options.webhook_url:
            first_partner = next(iter(options.api_keys.values()))
            self.webhooks.configure(first_partner, options.webhook_url, options.webhook_secret)

    @property
    def api_keys(self) -> Mapping[str, str]:
        """Return the accepted API keys, each with its partner: those of the options until the admin API sets others."""
        keys: Mapping[str, str] = self._settings.get("api_keys", self.options.api_keys)
        return keys

    @property
    def spot_known(self) -> bool:
        """Whether the spot price of bitcoin, which onramps in dollars need, is available."""
        return bool(self._settings.get("spot_known", True))

    def accept_keys(self, keys: Mapping[str, str]) -> None:
        """Accept these API keys, each of its partner, and no others."""
        self._settings["api_keys"] = dict(keys)

    def choose_scenario(self, name: str) -> None:
        """Make a scenario the default of new quotes.

        Raises:
            ScenarioError: There is no such scenario.
        """
        self._settings["scenario"] = self.scenarios.choose(name).name

    def set_spot_known(self, *, known: bool) -> None:
        """Set whether the spot price of bitcoin is available."""
        self._settings["spot_known"] = known

    def advance_clock(self, seconds: float) -> None:
        """Move the time forward by that many seconds."""
        self.clock.advance(seconds)
        self._settings["clock_offset"] = self.clock.offset

    def price(
        self, route: SandboxRoute, amount: int, mode: str, fees: tuple[PricedAppFee, ...], *, bounded: bool = True
    ) -> Price:
        """Return the price of an order at the present prices, within the bounds of its worth unless it has none.

        Raises:
            ApiError: `amount_too_small` or `amount_too_large`.
        """
        if mode == EXACT_OUT:
            price = price_exact_out(route, amount, self.prices)
        else:
            price = price_exact_in(route, amount, fees, self.prices)
        if not bounded:
            return price
        worth = cents(price.amount_in, route.source, self.prices)
        if worth < MIN_NOTIONAL_CENTS or price.amount_out <= 0:
            raise ApiError("amount_too_small", f"an order must be worth at least {MIN_NOTIONAL_CENTS} US cents")
        if worth > MAX_NOTIONAL_CENTS:
            raise ApiError("amount_too_large", f"an order must be worth at most {MAX_NOTIONAL_CENTS} US cents")
        return price

    def quote(
        self,
        partner: str,
        request: SandboxQuoteRequest,
        *,
        ttl: float | None = None,
        reusable: str | None = None,
        bounded: bool = True,
    ) -> SandboxQuote:
        """Make a quote with its deposit instruction and return it.

        Args:
            partner: Owner of the quote.
            request: The quote request.
            ttl: Seconds until it expires; the sandbox's option when absent.
            reusable: The reusable address that was paid, if any. Partners never see such a quote.
            bounded: Whether the bounds of an order's worth apply; a refund has none.

        Raises:
            ApiError: `amount_too_small` or `amount_too_large`.
        """
        price = self.price(request.route, request.amount, request.amount_mode, request.app_fees, bounded=bounded)
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
            scenario=self._next_scenario(request.recipient),
            is_shown=reusable is None,
        )
        self.store.add(quote)
        self._add_faults(quote)
        return quote

    def deposit_address(self, chain: SandboxChain) -> str:
        """Return a new deposit address: a real one where the chain has a node, otherwise a made-up one."""
        return self.real_deposits.address(chain) or new_address(chain.family)

    def scenario_for(self, recipient: str) -> Scenario:
        """Return the scenario of new quotes for a recipient."""
        return self.scenario_of.get(recipient, self.scenarios.default)

    def _next_scenario(self, recipient: str) -> Scenario:
        once = self.next_scenario_of
        return once.pop(recipient) if recipient in once else self.scenario_for(recipient)

    def set_scenario(self, quote: SandboxQuote, scenario: Scenario) -> None:
        """Give a quote another scenario, and replace the quote's active faults with those of the scenario.

        Raises:
            ApiError: `conflict`: the quote already has a paid order.
        """
        order = self.store.order_of(quote)
        if order is not None and order.deposit is not None:
            raise ApiError("conflict", f"{quote.id} already became {quote.order_id}; choose before the deposit")
        quote.scenario = scenario
        self.store.quote_changed(quote)
        self.call_faults.remove_for_quote(quote.id)
        self.webhook_faults.remove_for_quote(quote.id)
        self._add_faults(quote)

    def resume(self) -> None:
        """Continue every order, detection and delivery that an earlier process left open."""
        self.intake.resume()
        self.address_deposits.resume(PayeeBook(self.store).of_deposit)
        self.webhooks.resume()
        self.affiliates.resume()

    def release_answers(self) -> None:
        """Release every withheld answer and end every event stream, so that the server can shut down."""
        self.ending.set()
        self.call_faults.release_answers()

    async def close(self) -> None:
        """Stop every order and delivery, and close the file of the state and the connections to the nodes."""
        await self.engine.close()
        await self.webhooks.close()
        await self.real_deposits.close()
        self.memory.close()

    def _known_scenario(self, name: str | None) -> str | None:
        """Return the name, unless the file that defined the scenario is no longer given."""
        return name if name in {scenario.name for scenario in self.scenarios} else None

    def _add_faults(self, quote: SandboxQuote) -> None:
        self.call_faults.add_for_quote(quote.scenario.faults, quote.id)
        self.webhook_faults.add_for_quote(quote.scenario.webhooks, quote.id)
