"""Lists of orders, from Temporal's search attributes.

An order that has ended may still need a person: its own workflow is closed then, and another one holds the attention.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from typing import Any

from temporalio.client import Client, WorkflowExecution

from baton.encryption.keys import UnreadablePayload
from baton.orders.order_source import source_names
from baton.orders.visibility import (
    ATTENTION_REASON,
    OrderLine,
    attention_line,
    attention_query,
    ended_order_id,
    list_query,
    newest_lines,
    order_line,
)

_IDS_AT_ONCE = 50
"""How many ids one query names."""


class OrderLists:
    """Lists the orders of one Temporal namespace.

    Args:
        temporal: A Temporal client.
    """

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def find(self, limit: int, *, attention: bool | None = None, **wanted: Any) -> list[OrderLine]:
        """Return the orders with these values, open ones first.

        Args:
            limit: How many orders at most.
            attention: Whether a person must look, before or after the order's end; None means either.
            wanted: Any of account, phase, outcome and source.

        Raises:
            RPCError: Temporal did not answer.
        """
        # What an order's own search attributes say of its attention counts until its end.
        lines = await self._lines(list_query(attention=attention or None, **wanted), limit)
        if attention:
            lines = [*lines, *await self._ended_with_attention(limit, **wanted)]
        else:
            lines = await self._with_attention_after_end(lines)
            lines = [line for line in lines if not line.attention] if attention is False else lines
        return newest_lines(lines)[:limit]

    async def attended(self, workflow_ids: Collection[str] | None = None) -> set[str]:
        """Return the ended orders whose attention is open.

        Args:
            workflow_ids: Only among these orders; None for all.

        Raises:
            RPCError: Temporal did not answer.
        """
        parts = [None] if workflow_ids is None else list(_in_parts(list(workflow_ids)))
        queries = [attention_query(order_ids=ids or ()) for ids in parts]
        return {ended_order_id(found) for query in queries async for found in self._temporal.list_workflows(query)}

    async def reasons_after_end(self) -> dict[str, list[str]]:
        """Return the ended orders whose attention is open, by their workflow ids, each with its reasons.

        Raises:
            RPCError: Temporal did not answer.
        """
        return {
            ended_order_id(found): list(found.typed_search_attributes.get(ATTENTION_REASON) or ())
            async for found in self._temporal.list_workflows(attention_query())
        }

    async def _lines(self, query: str, limit: int | None = None) -> list[OrderLine]:
        found = [each async for each in self._temporal.list_workflows(query, limit=limit)]
        memos = await _readable_memos(found)
        return [order_line(each, memos.get(each.run_id)) for each in found]

    async def _ended_with_attention(self, limit: int, **wanted: Any) -> list[OrderLine]:
        """Return ended orders whose attention is open; of one that Temporal forgot, what its attention shows."""
        query = attention_query(account=wanted.get("account"))
        held = {ended_order_id(found): found async for found in self._temporal.list_workflows(query, limit=limit)}
        lines = {line.workflow_id: line async for line in self._lines_of(held)}
        found = [
            _needing_a_person(lines[held_id]) if held_id in lines else attention_line(held[held_id]) for held_id in held
        ]
        return [line for line in found if _has(line, **wanted)]

    async def _lines_of(self, workflow_ids: Collection[str]) -> AsyncIterator[OrderLine]:
        for ids in _in_parts(list(workflow_ids)):
            for line in newest_lines(await self._lines(list_query(ids=ids))):
                yield line

    async def _with_attention_after_end(self, lines: list[OrderLine]) -> list[OrderLine]:
        attended = await self.attended([line.workflow_id for line in lines if line.outcome])
        return [_needing_a_person(line) if line.workflow_id in attended else line for line in lines]


async def _readable_memos(found: list[WorkflowExecution]) -> dict[str, Mapping[str, Any]]:
    """Return the memos that this process has the keys of, by run id.

    Raises:
        UnreadablePayload: It has the key of none; one order with a key of its own must not hide all others.
    """
    memos: dict[str, Mapping[str, Any]] = {}
    unreadable: UnreadablePayload | None = None
    for each in found:
        try:
            memos[each.run_id] = await each.memo()
        except UnreadablePayload as error:
            unreadable = error
    if unreadable and not memos:
        raise unreadable
    return memos


def _needing_a_person(line: OrderLine) -> OrderLine:
    return line.model_copy(update={"attention": True})


def _has(line: OrderLine, *, source: str | None = None, **wanted: Any) -> bool:
    if source is not None and line.source not in source_names(source):
        return False
    return all(value is None or getattr(line, name) == value for name, value in wanted.items())


def _in_parts(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE))
