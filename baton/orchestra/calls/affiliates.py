"""Calls that manage affiliates and claim their balances. They need a server key.

The API has no call for a balance. Its lists name no order, so they are read to their end.
"""

from typing import Any

from baton.orchestra import answers
from baton.orchestra.affiliate_models import (
    Affiliate,
    AffiliateClaim,
    AffiliatePage,
    AffiliateTerms,
    ClaimPage,
    MadeClaim,
    RegisteredAffiliate,
)
from baton.orchestra.connection import Connection, path_part
from baton.orchestra.rules.affiliates import SettlementLedger

AFFILIATES_PER_PAGE = 1000
CLAIMS_PER_PAGE = 200
"""The most that the API returns in one answer."""

MAX_PAGES = 100
"""Pages after which a list that does not end is cut."""


class AffiliateCalls(Connection):
    """Register, list and disable affiliates; claim their balances and list the claims."""

    async def put_affiliate(self, affiliate_id: str, terms: AffiliateTerms, key: str) -> RegisteredAffiliate:
        """Register an affiliate, or change the one with this id.

        Raises:
            ValueError: `affiliate_id` is empty or would change the path.
        """
        answer = await self._call("PUT", _path(affiliate_id), key=key, json=terms.wire())
        return answers.read(answer, RegisteredAffiliate)

    async def affiliates(self, *, include_disabled: bool = False) -> list[Affiliate]:
        """Return the account's affiliates."""
        found: list[Affiliate] = []
        for page in range(MAX_PAGES):
            query = {"limit": AFFILIATES_PER_PAGE, "offset": page * AFFILIATES_PER_PAGE}
            shown = {"includeDisabled": "true"} if include_disabled else {}
            answer = await self._call("GET", "/v1/affiliates", query={**query, **shown})
            listed = answers.read(answer, AffiliatePage).affiliates
            found += listed
            if len(listed) < AFFILIATES_PER_PAGE:
                break
        return found

    async def disable_affiliate(self, affiliate_id: str, key: str) -> None:
        """Disable an affiliate: orders can no longer name it, and its balance cannot be claimed.

        Raises:
            ValueError: `affiliate_id` is empty or would change the path.
        """
        answers.check(await self._call("DELETE", _path(affiliate_id), key=key))

    async def claim_balance(self, affiliate_id: str, key: str, ledger: SettlementLedger | None = None) -> MadeClaim:
        """Claim the affiliate's whole balance, at least one US dollar.

        Args:
            affiliate_id: The affiliate.
            key: Idempotency key.
            ledger: The balance to claim, where there are several. The older API takes no body, and so cannot name one.

        Raises:
            ValueError: `affiliate_id` is empty or would change the path.
        """
        body = None if ledger is None else {"settlementChain": ledger.chain, "settlementAsset": ledger.asset}
        return answers.read(await self._call("POST", f"{_path(affiliate_id)}/claim", key=key, json=body), MadeClaim)

    async def claims(self, affiliate_id: str) -> list[AffiliateClaim]:
        """Return all claims of an affiliate's balances.

        Raises:
            ValueError: `affiliate_id` is empty or would change the path.
        """
        found: dict[str, AffiliateClaim] = {}
        offset: int | None = 0
        for _ in range(MAX_PAGES):
            page = await self._claim_page(affiliate_id, offset or 0)
            # A claim that is made meanwhile moves the others, so that one may come twice.
            found |= {claim.id: claim for claim in page.claims}
            offset = page.next_offset
            if offset is None and len(page.claims) == CLAIMS_PER_PAGE:
                offset = len(found)
            if not offset or not page.claims:
                break
        return list(found.values())

    async def _claim_page(self, affiliate_id: str, offset: int) -> ClaimPage:
        query: dict[str, Any] = {"limit": CLAIMS_PER_PAGE, "offset": offset}
        return answers.read(await self._call("GET", f"{_path(affiliate_id)}/claims", query=query), ClaimPage)


def _path(affiliate_id: str) -> str:
    return f"/v1/affiliates/{path_part('affiliate_id', affiliate_id)}"
