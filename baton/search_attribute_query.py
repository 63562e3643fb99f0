"""Whether a namespace has the search attributes, where the caller may not list them.

Temporal Cloud lets the key of a namespace read and write workflows, but neither list nor add search attributes. A query
that names an attribute is refused if it is not there, or has another type.
"""

from collections.abc import Mapping

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

_VALUES = {
    "Keyword": "'none'",
    "KeywordList": "'none'",
    "Double": "0.5",
    "Bool": "true",
    "Datetime": "'2020-01-01T00:00:00Z'",
}
"""A value of each type, as a list filter writes it."""

_REFUSED = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.UNIMPLEMENTED)


def may_not_list(error: RPCError) -> bool:
    """Whether the server refused to list search attributes to this caller."""
    return error.status in _REFUSED


async def search_attribute_objection(client: Client, registry: Mapping[str, str]) -> str | None:
    """Return why the server refuses a query that names all attributes; None if it takes it.

    Args:
        client: A Temporal client.
        registry: The type of each attribute by its name.

    Raises:
        RPCError: The server did not judge the query.
    """
    try:
        await client.count_workflows(" AND ".join(f"{name} = {_VALUES[kind]}" for name, kind in registry.items()))
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        return error.message.removeprefix("invalid query: ")
    return None
