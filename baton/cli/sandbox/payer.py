"""The payer of the sandbox: sends deposits, and reports them as a business app does."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baton.cli.errors import USAGE, CommandFailed
from baton.cli.sandbox.payables import Payable
from baton.cli.sandbox.terms import PaymentTerms

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.errors import OrderRefused
    from baton.local.sandbox.control import SandboxControl
    from baton.orders.answers import Standing

_POLL = 0.2


@dataclass(frozen=True)
class Payments:
    """What was paid.

    Attributes:
        payable: What was paid.
        proofs: The proof of each deposit.
        amount: What the last of them was, in smallest units.
        noticed_by: Who notices them.
        answer: Where the order stood after the last report, or why Baton did not take it; None without a report.
    """

    payable: Payable
    proofs: list[dict[str, Any]] = field(default_factory=list)
    amount: int | None = None
    noticed_by: str = "business"
    answer: "Standing | OrderRefused | None" = None

    @property
    def refusal(self) -> "OrderRefused | None":
        """Why Baton did not take the report of a deposit that was sent."""
        return self.answer if isinstance(self.answer, Exception) else None

    @property
    def standing(self) -> "Standing | None":
        """Where the order stood after the report."""
        return None if isinstance(self.answer, Exception) else self.answer

    def document(self) -> dict[str, Any]:
        """Return the payments as JSON."""
        payable = self.payable
        return {
            "reference": payable.reference,
            "account": payable.account,
            "source": payable.source,
            "chain": payable.chain,
            "asset": payable.asset,
            "deposit_address": payable.deposit_address,
            "amount": None if self.amount is None else str(self.amount),
            "noticed_by": self.noticed_by,
            "payments": self.proofs,
            "standing": self.standing.model_dump(mode="json") if self.standing else None,
            **({"error": {"code": self.refusal.code, "message": str(self.refusal)}} if self.refusal else {}),
        }


class OrderPayer:
    """Pays orders, addresses and links of one sandbox.

    Args:
        client: Reports the deposits.
        sandbox: Takes them.
        patience: Seconds to wait for an invoice that is under review.
    """

    def __init__(self, client: "BatonClient", sandbox: "SandboxControl", patience: float) -> None:
        self._client = client
        self._sandbox = sandbox
        self._patience = patience

    async def paid(self, payable: Payable) -> int:
        """Return how many deposits its address has."""
        deposits = await self._sandbox.deposits()
        return sum(deposit["depositAddress"] == payable.deposit_address for deposit in deposits)

    async def scenario(self, name: str | None) -> Mapping[str, Any] | None:
        """Return a scenario in short; None for none.

        Raises:
            CommandFailed: The sandbox has no such scenario.
        """
        return None if name is None else await find_scenario(self._sandbox, name)

    async def pay(self, payable: Payable, terms: PaymentTerms, *, amount: int | None, count: int) -> Payments:
        """Send the deposits, and report each one if the business app notices them.

        Raises:
            SandboxRefused: The sandbox does not take one.
            Unreachable: A report had no answer.
        """
        noticed_by = await self._noticed_by(payable, terms)
        if terms.late and payable.quote_id:
            await self._sandbox.expire(payable.quote_id)
        proofs: list[dict[str, Any]] = []
        answer: Standing | OrderRefused | None = None
        for number in range(count):
            proof = await self._deposit(payable, amount, noticed_by, None if number else terms.scenario)
            proofs.append(proof)
            if noticed_by == "business":
                answer = await self._report(payable, proof)
        return Payments(payable, proofs, await self._last_amount(payable), noticed_by, answer)

    async def _noticed_by(self, payable: Payable, terms: PaymentTerms) -> str:
        if not payable.takes_report:
            return "orchestra"
        if terms.noticed_by is not None:
            return terms.noticed_by
        name = terms.scenario or await self._scenario_of(payable)
        detected = bool(name) and (await find_scenario(self._sandbox, name))["detected"]
        return "orchestra" if detected else "business"

    async def _scenario_of(self, payable: Payable) -> str:
        quotes = await self._sandbox.quotes()
        return next((str(quote["scenario"]) for quote in quotes if quote["id"] == payable.quote_id), "")

    async def _deposit(
        self, payable: Payable, amount: int | None, noticed_by: str, scenario: str | None
    ) -> dict[str, Any]:
        """Send one deposit; while a review keeps an invoice from being paid, try again."""
        from baton.local.sandbox.control import SandboxRefused

        place: dict[str, Any] = {"chain": payable.chain, "asset": payable.asset} if payable.expected is None else {}
        detect = {"orchestra": True, "nobody": False, "business": None}[noticed_by] if payable.takes_report else None
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return await self._sandbox.deposit(
                    deposit_address=payable.deposit_address, amount=amount, detect=detect, scenario=scenario, **place
                )
            except SandboxRefused as refusal:
                under_review = refusal.code == "conflict" and "cannot be paid: the order is paused" in str(refusal)
                if not under_review or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_POLL)

    async def _report(self, payable: Payable, proof: dict[str, Any]) -> "Standing | OrderRefused":
        """Report a deposit; return where the order stands, or why Baton does not take it: the money is sent by now."""
        from baton.errors import OrderRefused
        from baton.orchestra.proofs import DepositProof

        try:
            return await self._client.report_deposit(
                payable.reference, DepositProof.model_validate(proof), payable.account
            )
        except OrderRefused as refusal:
            return refusal

    async def _last_amount(self, payable: Payable) -> int | None:
        deposits = await self._sandbox.deposits()
        sent = [int(deposit["amount"]) for deposit in deposits if deposit["depositAddress"] == payable.deposit_address]
        return sent[-1] if sent else None


async def find_scenario(sandbox: "SandboxControl", name: str) -> Mapping[str, Any]:
    """Return a scenario of the running sandbox in short.

    Raises:
        CommandFailed: It has no such scenario; the text names similar ones.
    """
    from difflib import get_close_matches

    known = {str(scenario["name"]): scenario for scenario in await sandbox.scenarios()}
    if name not in known:
        similar = get_close_matches(name, known, 3)
        guess = f"; did you mean {' or '.join(similar)}?" if similar else ";"
        message = f"the sandbox has no scenario {name}{guess} `baton sandbox scenarios` lists them"
        raise CommandFailed(USAGE, "unknown_scenario", message)
    return known[name]
