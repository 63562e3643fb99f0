"""The client for apps without an event loop: the methods of `BatonClient`, each blocking until its answer comes.

from baton import BlockingBatonClient

with BlockingBatonClient.connect() as baton:
    placed = baton.place({"reference": "invoice-42", "sourceChain": "base", ...})
    result = baton.wait("invoice-42")
"""

import asyncio
import threading
from collections.abc import Collection, Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError, Future, wait
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from baton.blocking_bulks import BlockingBulkClient
from baton.blocking_holds import BlockingHoldClient
from baton.blocking_sources import BlockingAddressClient, BlockingAffiliateClient, BlockingPayLinkClient
from baton.client import PATIENCE, BatonClient
from baton.errors import Unreachable
from baton.orchestra.proofs import DepositProof
from baton.orders.adoption import Adoption
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.document import OrderDocument
from baton.orders.models import Outcome
from baton.orders.reports import RepriceDecision

if TYPE_CHECKING:
    from baton.orders.visibility import OrderLine

T = TypeVar("T")
_SIGNAL_CHECK = 0.5
"""Seconds between two checks for Ctrl-C: a signal just before the wait would not end it."""


class LoopThread:
    """An event loop in a thread of its own, for callers that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="baton-client", daemon=True)
        # A call that came between the loop's stop and its close would never be answered.
        self._lock = threading.Lock()
        self.closed = False
        self._thread.start()

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Run the call in the loop and return its result; interrupting the caller, as Ctrl-C does, cancels it.

        Raises:
            Unreachable: The loop is closed, or was closed during the call.
            RuntimeError: This is the loop's own thread, which would wait for itself for ever.
        """
        future = self._submit(call)
        try:
            while not future.done():
                wait([future], timeout=_SIGNAL_CHECK)
            return future.result()
        except CancelledError:
            raise (_closed() if self.closed else asyncio.CancelledError()) from None
        except BaseException:
            future.cancel()
            raise

    def _submit(self, call: Coroutine[Any, Any, T]) -> Future[T]:
        with self._lock:
            if not self.closed and threading.current_thread() is not self._thread:
                return asyncio.run_coroutine_threadsafe(call, self._loop)
        call.close()
        raise _closed() if self.closed else RuntimeError("called from the client's thread")

    def close(self) -> None:
        """Cancel the calls that other threads wait for, and end the thread."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        # Leaving the block cancels what still runs, and closes the loop.
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop().run_forever()


def _closed() -> Unreachable:
    return Unreachable("client_closed", "the client is closed", "connect again")


class BlockingBatonClient(
    BlockingAddressClient, BlockingPayLinkClient, BlockingAffiliateClient, BlockingHoldClient, BlockingBulkClient
):
    """A business app's way to all that Baton has for it, for code without an event loop.

    Any thread may call it.

    Args:
        client: The asynchronous client that makes the calls.
        thread: The event loop's thread that opened it; a new one by default.
    """

    def __init__(self, client: BatonClient, thread: LoopThread | None = None) -> None:
        self._client: BatonClient = client
        self._thread: LoopThread = thread or LoopThread()

    @classmethod
    def connect(cls, *, patience: timedelta = PATIENCE, by: str | None = None) -> Self:
        """Connect to the Temporal server that the `TEMPORAL_*` variables name.

        Args:
            patience: How long each call waits for an answer.
            by: Who calls, for the record of acts.

        Raises:
            Unreachable: Temporal does not answer; the text names the address and the remedy.
        """
        thread = LoopThread()
        try:
            return cls(thread.run(BatonClient.connect(patience=patience, by=by)), thread)
        except BaseException:
            thread.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the client's thread; a call that another thread is waiting for is cancelled."""
        self._thread.close()

    def place(self, document: OrderDocument | Mapping[str, Any]) -> Placement:
        """Place an order and return where to deposit; placing it again while it is open returns the same.

        Raises:
            DocumentError: The document is not valid; the text names the field.
            OrderRefused: There is nothing to pay: Orchestra gave no quote (the code is its own), the order is closed
                already (`order_closed`), or the reference belongs to another request (`reference_conflict`).
            Unreachable: No answer in time; the order may be under way, and placing it again is safe.
        """
        return self._thread.run(self._client.place(document))

    def snapshot(self, reference: str, account: str = "default") -> Snapshot:
        """Return the order as it stands, open or closed, from its workflow."""
        return self._thread.run(self._client.snapshot(reference, account))

    def watch(self, reference: str, account: str = "default", *, every: float = 0.5) -> Iterator[Snapshot]:
        """Yield the order's snapshot now and after each change, until it is closed.

        Args:
            reference: The order's reference.
            account: The partner account.
            every: Seconds between two polls.

        Raises:
            OrderRefused: The order's workflow ended without an outcome (`order_broken`), for instance because somebody
                terminated it. The last snapshot says how: `interrupted`.
        """
        snapshots = self._client.watch(reference, account, every=every)

        async def next_snapshot() -> Snapshot | None:
            return await anext(snapshots, None)

        try:
            while (snapshot := self._thread.run(next_snapshot())) is not None:
                yield snapshot
        finally:
            if not self._thread.closed:
                self._thread.run(snapshots.aclose())

    def report_deposit(
        self, reference: str, proof: DepositProof, account: str = "default", *, quote_id: str | None = None
    ) -> Standing:
        """Report the payer's deposit; `quote_id` names an older quote, if the deposit went to its address."""
        return self._thread.run(self._client.report_deposit(reference, proof, account, quote_id=quote_id))

    def refresh(self, reference: str, account: str = "default", *, note: str | None = None) -> Standing:
        """Read the order at Orchestra now; `note` says why, for the record."""
        return self._thread.run(self._client.refresh(reference, account, note=note))

    def cancel(self, reference: str, account: str = "default", *, note: str | None = None) -> Standing:
        """Cancel an order while no deposit is known; `note` says why, for the record."""
        return self._thread.run(self._client.cancel(reference, account, note=note))

    def decide_zeroconf(
        self, reference: str, account: str = "default", *, accept: bool, reason: str | None = None
    ) -> Standing:
        """Answer the pending ZeroConf offer; the first answer counts."""
        return self._thread.run(self._client.decide_zeroconf(reference, account, accept=accept, reason=reason))

    def decide_reprice(self, reference: str, decision: RepriceDecision, account: str = "default") -> Standing:
        """Answer the pending repricing: approve it down to a minimum, reject it, or have the deposit refunded."""
        return self._thread.run(self._client.decide_reprice(reference, decision, account))

    def resolve(
        self,
        reference: str,
        account: str = "default",
        *,
        note: str,
        reason: str | None = None,
        close_as: Outcome | None = None,
        despite: Collection[str] = (),
    ) -> Standing:
        """Record what was done about an attention, also after the order's end.

        Args:
            reference: The order's reference.
            account: The partner account.
            note: What was found and done, 1 to 1000 characters.
            reason: The attention that is resolved; may be left out if there is only one.
            close_as: Closes the order with this outcome, which resolves all.
            despite: With `close_as`, the money under way that is known, by the ids that the refusal names.
        """
        return self._thread.run(
            self._client.resolve(reference, account, note=note, reason=reason, close_as=close_as, despite=despite)
        )

    def close_by_hand(
        self,
        reference: str,
        account: str = "default",
        *,
        outcome: Outcome,
        note: str,
        despite: Collection[str] = (),
    ) -> Standing:
        """Close an order whose end Orchestra will never report; what still comes is handled as late money.

        Args:
            reference: The order's reference.
            account: The partner account.
            outcome: How it ended, by what the operator found.
            note: What was found and done, 1 to 1000 characters.
            despite: The money under way that the operator knows of, by the ids that the refusal names.

        Raises:
            OrderRefused: Money is under way that `despite` does not name (`money_under_way`), or it has ended already.
        """
        closing = self._client.close_by_hand(reference, account, outcome=outcome, note=note, despite=despite)
        return self._thread.run(closing)

    def adopt(self, order_id: str, account: str = "default", *, note: str | None = None) -> Adoption:
        """Follow an order of Orchestra that Baton does not follow, or say which workflow follows it.

        Args:
            order_id: Orchestra's id of the order.
            account: The partner account.
            note: Why, for the record.

        Raises:
            OrderRefused: Orchestra has no such order in this account (`order_not_at_orchestra`).
            Unreachable: No answer in time; asking again is safe.
        """
        return self._thread.run(self._client.adopt(order_id, account, note=note))

    def wait(self, reference: str, account: str = "default") -> OrderResult:
        """Wait for the order's end, however long that takes.

        Raises:
            OrderRefused: The workflow ended without a result, for instance because somebody terminated it.
        """
        return self._thread.run(self._client.wait(reference, account))

    def list_orders(
        self,
        *,
        account: str | None = None,
        phase: str | None = None,
        outcome: str | None = None,
        attention: bool | None = None,
        source: str | None = None,
        limit: int = 50,
    ) -> "list[OrderLine]":
        """List orders, open ones first; for people, because the list is a moment behind the orders.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase.
            outcome: Only those with this outcome.
            attention: Only those that need a person (True), or only the others (False).
            source: Only those that came of this reusable address or pay link; its reference, or `address/REF` or
                `paylink/REF` where both have that reference.
            limit: How many at most.

        Raises:
            InvalidArgument: There is no such phase or outcome, or the limit is below 1.
        """
        return self._thread.run(
            self._client.list_orders(
                account=account, phase=phase, outcome=outcome, attention=attention, source=source, limit=limit
            )
        )

    def attended_orders(self, workflow_ids: Collection[str] | None = None) -> set[str]:
        """Return the ended orders that still need a person, by their workflow ids.

        Args:
            workflow_ids: Only among these; None for all.
        """
        return self._thread.run(self._client.attended_orders(workflow_ids))
