"""Who gets in: a login with a token, what its cookie is worth, and forms that other sites send."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, hash_of
from baton.gateway.ops.login_limit import MOST_FAILURES, WINDOW, LoginLimit
from baton.gateway.ops.sessions import LIFETIME, OperatorSessions
from baton.ledger.ledger import Ledger
from baton.secret_values import SecretValue
from tests.gateway.ops.operators import ENTRIES, TOKENS, OperatorBrowser, form_token, text_of
from tests.gateway.world import Gateway, running_gateway
from tests.http import http_client

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
NAME = "BATON_PAGE_KEY"
KEY = "Zk3vQ9xT2mB7rW5hN8cL1pD6fJ4gS0aY"


@pytest.fixture(scope="module")
async def gateway(gateway_temporal: Client, ledger: Ledger) -> AsyncIterator[Gateway]:
    async with running_gateway(gateway_temporal, ledger, tokens=TokenBook(own=ENTRIES)) as running:
        yield running


@pytest.fixture
async def browser(gateway: Gateway) -> AsyncIterator[OperatorBrowser]:
    async with http_client(base_url=gateway.address, timeout=20) as http:
        yield OperatorBrowser(http)


async def test_a_page_asks_for_the_login_and_comes_back(browser: OperatorBrowser) -> None:
    asked = await browser.http.get("/ops/nothing?of=this")
    assert asked.headers["location"] == "/ops/login?next=%2Fops%2Fnothing%3Fof%3Dthis"
    entered = await browser.log_in("ada", to="/ops/nothing?of=this")
    assert (entered.status_code, entered.headers["location"]) == (303, "/ops/nothing?of=this")
    assert "There is no such page" in await browser.read("/ops/nothing?of=this", 404)


async def test_the_cookie_is_for_this_site_and_no_script(browser: OperatorBrowser) -> None:
    cookie = (await browser.log_in("ada")).headers.get_list("set-cookie")[0]
    assert {"HttpOnly", "Path=/ops", "SameSite=strict", "Max-Age=43200"} <= set(cookie.split("; "))
    assert TOKENS["ada"] not in cookie
    assert "Secure" not in cookie


async def test_behind_tls_the_cookie_is_secure(browser: OperatorBrowser) -> None:
    browser.http.headers["X-Forwarded-Proto"] = "https"
    page = await browser.http.get("/ops/login")
    visitor = page.headers["set-cookie"]
    assert "Secure" in visitor
    # A client that sends secure cookies over plain HTTP would be wrong, so this one hands it over by hand.
    headers = {"Cookie": visitor.partition(";")[0]}
    form = {"form_token": form_token(page), "token": TOKENS["ada"]}
    entered = await browser.http.post("/ops/login", data=form, headers=headers)
    assert "Secure" in entered.headers.get_list("set-cookie")[0]


@pytest.mark.parametrize(
    ("token", "words"), [("baton_unknown", "not known"), (TOKENS["place_only"], "lacks the verb read")]
)
async def test_a_wrong_token_does_not_get_in(browser: OperatorBrowser, token: str, words: str) -> None:
    refused = await browser.enter(token)
    assert refused.status_code == 403
    assert words in text_of(refused)
    assert (await browser.http.get("/ops")).status_code == 303


@pytest.mark.parametrize("target", ["https://evil.example/ops", "//evil.example", "/ops\\@evil.example", "/opsy"])
async def test_a_login_leads_to_pages_of_its_own_alone(browser: OperatorBrowser, target: str) -> None:
    assert (await browser.log_in("ada", to=target)).headers["location"] == "/ops"


async def test_a_form_without_the_token_of_its_page_does_nothing(browser: OperatorBrowser) -> None:
    await browser.log_in("ada")
    for fields in ({}, {"form_token": "0" * 64}):
        refused = await browser.http.post("/ops/logout", data=fields)
        assert refused.status_code == 403
        assert "Nothing was done" in text_of(refused)
    page = await browser.http.get("/ops/none")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    refused = await browser.http.post("/ops/logout", data={"form_token": form_token(page)}, headers=foreign)
    assert refused.status_code == 403
    json = await browser.http.post("/ops/logout", json={"form_token": form_token(page)})
    assert json.status_code == 403
    assert (await browser.http.get("/ops/none")).status_code == 404


async def test_a_login_form_of_another_browser_does_nothing(browser: OperatorBrowser) -> None:
    page = await browser.http.get("/ops/login")
    browser.http.cookies.clear()
    refused = await browser.http.post("/ops/login", data={"form_token": form_token(page), "token": TOKENS["ada"]})
    assert refused.status_code == 403


async def test_after_the_logout_the_page_is_closed(browser: OperatorBrowser) -> None:
    await browser.log_in("ada")
    page = await browser.http.get("/ops/none")
    left = await browser.http.post("/ops/logout", data={"form_token": form_token(page)})
    assert left.headers["location"] == "/ops/login"
    assert (await browser.http.get("/ops/none")).status_code == 303


async def test_a_link_of_another_site_loads_once_more(browser: OperatorBrowser) -> None:
    hop = await browser.http.get("/ops", headers={"Sec-Fetch-Site": "cross-site"})
    assert 'http-equiv="refresh" content="0"' in hop.text
    assert (await browser.http.get("/ops", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 303


async def test_logins_of_one_address_are_limited(gateway_temporal: Client, ledger: Ledger) -> None:
    tokens = TokenBook(own=ENTRIES)
    async with running_gateway(gateway_temporal, ledger, tokens=tokens) as running:
        browser = OperatorBrowser(running.http)
        for _ in range(MOST_FAILURES):
            assert (await browser.enter("baton_wrong")).status_code == 403
        limited = await browser.log_in("ada")
        assert limited.status_code == 429
        assert int(limited.headers["Retry-After"]) > 600


async def test_without_tokens_the_page_says_how_to_make_one(gateway_temporal: Client, ledger: Ledger) -> None:
    async with running_gateway(gateway_temporal, ledger) as running:
        page = await running.http.get("/ops", follow_redirects=True)
        assert "baton token new" in text_of(page)
        assert "password" not in page.text


async def test_pages_load_nothing_from_others_and_run_no_inline_script(browser: OperatorBrowser) -> None:
    await browser.log_in("ada")
    page = await browser.http.get("/ops/none")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"


def test_a_session_ends_after_twelve_hours() -> None:
    sessions = OperatorSessions(SecretValue(NAME, KEY), TokenBook(own=ENTRIES))
    cookie = sessions.open("ada", NOW)
    assert cookie is not None
    known = sessions.read(cookie, NOW + LIFETIME - timedelta(seconds=1))
    assert known is not None
    assert known.name == "ada"
    assert sessions.read(cookie, NOW + LIFETIME + timedelta(seconds=1)) is None


def test_a_changed_or_foreign_cookie_is_no_session() -> None:
    tokens = TokenBook(own=ENTRIES)
    sessions = OperatorSessions(SecretValue(NAME, KEY), tokens)
    cookie = sessions.open("ada", NOW) or ""
    wrong = ["", "x" * 60, "x" * 500, cookie[:-2], f"{cookie}AA", cookie.swapcase(), "é" * 60]
    assert [text for text in wrong if sessions.read(text, NOW)] == []
    assert OperatorSessions(SecretValue(NAME, "Yb8uR4wE1nC6tX3jM9dK2qF7gH5sV0zA"), tokens).read(cookie, NOW) is None
    assert OperatorSessions(SecretValue(NAME, KEY), tokens).read(cookie, NOW) is not None


def test_a_removed_or_replaced_token_is_out_at_once(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"

    def write(name: str, token: str, verb: str = "read") -> None:
        file.write_text(f'[tokens.{name}]\nhash = "{hash_of(token)}"\naccounts = ["*"]\nverbs = ["{verb}"]\n')

    write("ada", "baton_first_token_of_ada")
    sessions = OperatorSessions(SecretValue(NAME, KEY), TokenBook(file, pause=0))
    cookie = sessions.open("ada", NOW) or ""
    write("ada", "baton_first_token_of_ada", "operate")
    changed = sessions.read(cookie, NOW)
    assert changed is not None
    assert changed.verbs == {"operate"}
    write("ada", "baton_second_token_of_ada")
    assert sessions.read(cookie, NOW) is None
    write("bob", "baton_first_token_of_ada")
    assert sessions.read(cookie, NOW) is None
    assert sessions.open("ada", NOW) is None


def test_failed_logins_count_for_some_minutes() -> None:
    now = [0.0]
    limit = LoginLimit(lambda: now[0])
    for _ in range(MOST_FAILURES):
        assert limit.wait("2001:db8::1") == 0
        limit.failed("2001:db8::1")
    assert limit.wait("2001:db8::ffff") == WINDOW
    assert limit.wait("2001:db9::1") == 0
    now[0] = WINDOW + 1
    assert limit.wait("2001:db8::1") == 0
