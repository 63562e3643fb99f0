"""The parts of the blocking client have every call of the asynchronous ones, with the same arguments and words."""

import inspect

import pytest

from baton.blocking_bulks import BlockingBulkClient
from baton.blocking_holds import BlockingHoldClient
from baton.blocking_sources import BlockingAddressClient, BlockingAffiliateClient, BlockingPayLinkClient
from baton.client_addresses import AddressClient
from baton.client_affiliates import AffiliateClient
from baton.client_bulks import BulkClient
from baton.client_holds import HoldClient
from baton.client_pay_links import PayLinkClient

PARTS = [
    (BlockingAddressClient, AddressClient),
    (BlockingPayLinkClient, PayLinkClient),
    (BlockingAffiliateClient, AffiliateClient),
    (BlockingHoldClient, HoldClient),
    (BlockingBulkClient, BulkClient),
]


def calls(kind: type) -> dict[str, tuple[str, str | None]]:
    public = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
    return {name: (str(inspect.signature(value)), value.__doc__) for name, value in public.items()}


@pytest.mark.parametrize(("blocking", "client"), PARTS)
def test_a_blocking_part_has_each_call_of_its_client(blocking: type, client: type) -> None:
    assert calls(blocking) == calls(client)


@pytest.mark.parametrize(("blocking", "client"), PARTS)
def test_a_blocking_call_returns_no_coroutine(blocking: type, client: type) -> None:
    class Runs:
        def run(self, call: object) -> str:
            call.close()  # type: ignore[attr-defined]
            return "answer"

    name, method = next((name, method) for name, method in vars(client).items() if not name.startswith("_"))
    required = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty and p.name != "self"]
    given = {p.name: "x" for p in required}
    assert getattr(blocking(client.__new__(client), Runs()), name)(**given) == "answer"
