"""Operators of the tests: their tokens, and a client that logs in and sends forms as a browser does."""

import re
from html import unescape

import httpx

from baton.accounts.tokens import TokenEntry, hash_of

TOKENS = {name: f"baton_token_of_the_operator_{name}" for name in ("ada", "reader", "shop", "place_only")}
ENTRIES = {
    "ada": TokenEntry(hash=hash_of(TOKENS["ada"]), accounts=["*"], verbs=["*"]),
    "reader": TokenEntry(hash=hash_of(TOKENS["reader"]), accounts=["*"], verbs=["read"]),
    "shop": TokenEntry(hash=hash_of(TOKENS["shop"]), accounts=["shop"], verbs=["read", "operate"]),
    "place_only": TokenEntry(hash=hash_of(TOKENS["place_only"]), accounts=["*"], verbs=["place"]),
}
_FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


class OperatorBrowser:
    """A client without scripts: it keeps cookies, and sends forms with the token of the page.

    Args:
        http: A client of the gateway, of its own.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def log_in(self, name: str, *, to: str = "/ops") -> httpx.Response:
        """Log in with one of the tokens; return the answer to the form."""
        return await self.enter(TOKENS[name], to=to)

    async def enter(self, token: str, *, to: str = "/ops") -> httpx.Response:
        """Send the login form with a token."""
        page = await self.http.get("/ops/login", params={"next": to})
        return await self.http.post("/ops/login", data={"form_token": form_token(page), "next": to, "token": token})

    async def read(self, path: str, status: int = 200) -> str:
        """Return the text of a page, without its tags."""
        page = await self.http.get(path)
        assert page.status_code == status, page.text
        return text_of(page)

    async def send(self, page: str, path: str, **fields: object) -> httpx.Response:
        """Send a form of a page."""
        shown = await self.http.get(page)
        assert shown.status_code == 200, shown.text
        return await self.http.post(path, data={"form_token": form_token(shown), **fields})


def form_token(page: httpx.Response) -> str:
    """Return what the forms of a page carry."""
    found = _FORM_TOKEN.search(page.text)
    assert found, page.text
    return found[1]


def text_of(page: httpx.Response) -> str:
    """Return what a page says."""
    inside = page.text.partition("<main")[2] or page.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inside)).split())
