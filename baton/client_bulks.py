"""The client's calls about bulks: one act on many orders, its progress, its results."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from baton.arguments import filled
from baton.bulk.request import BulkRequest
from baton.bulk.status import BulkCall, BulkStatus, BulkStep, ChosenForBulk, new_bulk_id
from baton.client_acts import ActingClient
from baton.ledger.bulk_rows import BulkOrderRow, BulkState

if TYPE_CHECKING:
    from baton.temporal_bulks import TemporalBulks


class BulkClient(ActingClient):
    """The part of `BatonClient` that is about bulks."""

    _bulks: "TemporalBulks"

    async def start_bulk(self, request: BulkRequest | Mapping[str, Any], *, dry_run: bool = False) -> ChosenForBulk:
        """Do one act to every order that a choice names; a worker continues it whatever happens to the caller.

        Args:
            request: The act, the choice of the orders, and what the act needs, with the fields of `POST /v1/bulk`,
                such as `{"act": "resolve", "choice": {"reason": "overdue"}, "note": "ticket 1311"}`.
            dry_run: Only say which orders it would be; nothing is done to them.

        Raises:
            InvalidArgument: The request cannot be right, or names no filter; nothing is done.
            Unreachable: No answer in time. A bulk may have been started: `bulks` lists it.
        """
        wanted = request if isinstance(request, BulkRequest) else filled(BulkRequest, **request)
        call = BulkCall(step=BulkStep.START, id=new_bulk_id(), request=wanted, by=self._by, dry_run=dry_run)
        chosen = (await self._bulks.ask(call)).chosen
        assert chosen is not None
        return chosen

    async def bulk(self, bulk_id: str) -> BulkStatus:
        """Return a bulk as it stands.

        Raises:
            OrderUnknown: There is no such bulk.
            Unreachable: No answer in time.
        """
        return await self._one(BulkStep.SHOW, bulk_id)

    async def bulks(self, limit: int = 20) -> list[BulkStatus]:
        """Return the newest bulks, at most so many.

        Args:
            limit: How many at most, up to 100.

        Raises:
            InvalidArgument: The limit cannot be right.
            Unreachable: No answer in time.
        """
        return (await self._bulks.ask(filled(BulkCall, step=BulkStep.LIST, limit=limit))).bulks

    async def bulk_results(self, bulk_id: str, states: Collection[BulkState | str] = ()) -> list[BulkOrderRow]:
        """Return what became of the act on each order.

        Args:
            bulk_id: The bulk.
            states: Only orders in one of these states, such as `refused`; none means any.

        Raises:
            InvalidArgument: There is no such state.
            OrderUnknown: There is no such bulk.
            Unreachable: No answer in time.
        """
        call = filled(BulkCall, step=BulkStep.RESULTS, id=bulk_id, states=list(states))
        found: list[BulkOrderRow] = []
        while page := (await self._bulks.ask(call)).results:
            found += page
            call = call.model_copy(update={"after": page[-1].position})
        return found

    async def stop_bulk(self, bulk_id: str) -> BulkStatus:
        """Stop a bulk; the orders whose turn has come are finished, the others stay as they are.

        Raises:
            OrderUnknown: There is no such bulk.
            Unreachable: No answer in time; stopping again is safe.
        """
        return await self._one(BulkStep.STOP, bulk_id)

    async def resume_bulk(self, bulk_id: str) -> BulkStatus:
        """Continue with the orders that are left, and try those again of which nobody answered.

        Raises:
            OrderUnknown: There is no such bulk.
            Unreachable: No answer in time; resuming again is safe.
        """
        return await self._one(BulkStep.RESUME, bulk_id)

    async def _one(self, step: BulkStep, bulk_id: str) -> BulkStatus:
        (bulk,) = (await self._bulks.ask(BulkCall(step=step, id=bulk_id))).bulks
        return bulk
