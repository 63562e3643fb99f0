import asyncio
import base64
import json
from collections.abc import Callable

import httpx
import pytest

from baton.chains import http
from baton.chains.errors import ChainError, NoProvider, ProviderBroken, RpcRefused, Throttled
from baton.chains.http import Provider

KEY = "k3y-0123456789abcdef"
URL = f"https://rpc.example.com/v2/{KEY}"


def provider(answer: Callable[[httpx.Request], httpx.Response], **options: float) -> Provider:
    return Provider(URL, headers={"x-api-key": "header-" + KEY}, transport=httpx.MockTransport(answer), **options)


def answering(result: object = None, **more: object) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        body = {"jsonrpc": "2.0", "id": json.loads(request.content)["id"], **more}
        return httpx.Response(200, json=body if more else {**body, "result": result})

    return answer


async def failing(answer: Callable[[httpx.Request], httpx.Response], **options: float) -> ChainError:
    with pytest.raises(ChainError) as error:
        await provider(answer, **options).rpc("eth_blockNumber")
    shown = f"{error.value!r} {error.value} {error.value.__cause__!r} {error.value.__context__!r}"
    assert KEY not in shown
    assert "rpc.example.com" in str(error.value)
    return error.value


async def test_a_result_is_returned_and_calls_are_counted() -> None:
    one = provider(answering("0x10"))
    assert await one.rpc("eth_blockNumber") == "0x10"
    assert one.calls == 1
    assert KEY not in repr(one)


async def test_a_result_of_null_is_a_result() -> None:
    assert await provider(answering(None)).rpc("eth_getTransactionReceipt", "0x") is None


async def test_a_429_is_throttling_with_its_retry_after() -> None:
    error = await failing(lambda _: httpx.Response(429, headers={"Retry-After": "12"}))
    assert isinstance(error, Throttled)
    assert error.retry_after == 12


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (429, "Your app has exceeded its compute units per second capacity"),
        (-32029, "Too Many Requests"),
        (-32005, "daily request count exceeded, request rate limited"),
        (-32016, "over rate limit"),
        (-32007, "50/second request limit reached - reduce calls per second or upgrade your plan"),
        (-32000, "Exceed the user daily usage (100000)"),
    ],
)
async def test_an_rpc_error_that_asks_for_fewer_calls_is_throttling(code: int, text: str) -> None:
    assert isinstance(await failing(answering(error={"code": code, "message": text})), Throttled)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-32005, "query returned more than 10000 results. Try with this block range [0x1, 0xf]."),
        (-32602, "eth_getLogs is limited to a 10,000 range"),
        (-32600, "You can make eth_getLogs requests with up to a 10 block range."),
        (-32000, "One of the blocks specified in filter (fromBlock, toBlock or blockHash) cannot be found."),
    ],
)
async def test_an_rpc_error_about_the_request_is_a_refusal(code: int, text: str) -> None:
    error = await failing(answering(error={"code": code, "message": text}))
    assert isinstance(error, RpcRefused)
    assert error.rpc_code == code
    assert text in str(error)


@pytest.mark.parametrize("text", [f"invalid key {KEY}", f"no such project at {URL}", f"bad header-{KEY}"])
async def test_an_error_text_that_repeats_a_key_has_it_blanked_out(text: str) -> None:
    assert "[secret]" in str(await failing(answering(error={"code": -32000, "message": text})))


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
async def test_a_key_of_a_header_is_blanked_out_without_its_scheme(scheme: str) -> None:
    value = KEY if scheme == "Bearer" else base64.b64encode(f"user:{KEY}".encode()).decode()

    def answer(request: httpx.Request) -> httpx.Response:
        message = f"project {KEY} ({request.headers['authorization']}) has no access"
        return answering(error={"code": -32001, "message": message})(request)

    headers = {"authorization": f"{scheme} {value}"}
    one = Provider("https://rpc.example.com", headers=headers, transport=httpx.MockTransport(answer))
    with pytest.raises(RpcRefused, match=r"project \[secret\] \(\[secret\]\) has no access"):
        await one.rpc("eth_blockNumber")


async def test_a_result_that_repeats_a_key_has_it_blanked_out() -> None:
    assert await provider(answering({"hash": KEY.upper()})).rpc("eth_getBlock") == {"hash": "[secret]"}


@pytest.mark.parametrize("error", ["broken", ["broken"], {"message": "broken"}])
async def test_an_error_of_any_shape_is_read(error: object) -> None:
    assert "broken" in str(await failing(answering(error=error)))


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, content=b'{"jsonrpc": "2.0", "id": 1, "resu'),
        httpx.Response(200, html="<html>Checking your browser</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"jsonrpc": "2.0", "id": 999, "result": "0x1"}),
        httpx.Response(200, json={"jsonrpc": "2.0", "id": 1}),
        httpx.Response(302, headers={"Location": URL}),
        httpx.Response(502, html="<html>Bad gateway</html>"),
    ],
    ids=["truncated", "html", "empty", "no text", "a list", "another call", "no result", "elsewhere", "bad gateway"],
)
async def test_an_unusable_answer_is_a_broken_provider(response: httpx.Response) -> None:
    assert isinstance(await failing(lambda _: response), ProviderBroken)


async def test_an_answer_above_the_size_limit_is_a_broken_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 100)
    error = await failing(lambda _: httpx.Response(200, content=b" " * 101))
    assert isinstance(error, ProviderBroken)


async def test_a_failed_connection_or_a_timeout_is_no_provider() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot reach {URL}", request=request)

    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    assert isinstance(await failing(refuse), NoProvider)
    assert (await failing(hang, timeout=0.05)).code == "no_answer"  # type: ignore[arg-type]


async def test_a_403_about_the_request_rate_is_throttling_with_its_pause() -> None:
    text = "request rate exceeded the allowed_rps(10), IP suspended for 5 s"
    error = await failing(lambda _: httpx.Response(403, json={"Error": text}))

    assert isinstance(error, Throttled)
    assert error.retry_after == 5


async def test_a_403_about_anything_else_is_no_throttling() -> None:
    assert isinstance(await failing(lambda _: httpx.Response(403, text="no access")), ProviderBroken)


async def test_an_error_without_the_calls_id_is_read() -> None:
    error = {"code": -32005, "message": "your project is rate limited"}

    assert isinstance(await failing(lambda _: httpx.Response(200, json={"id": None, "error": error})), Throttled)


async def test_a_result_without_the_calls_id_is_of_another_call() -> None:
    assert isinstance(await failing(lambda _: httpx.Response(200, json={"id": None, "result": 1})), ProviderBroken)


async def test_a_200_with_a_rate_complaint_is_throttling_with_its_pause() -> None:
    text = "request rate exceeded the allowed_rps(10), and the query server is suspended for 5 s"
    bodies: list[object] = [{"Error": text}, {"message": text}, {"id": None, "message": text}, text]
    for body in bodies:
        error = await failing(lambda _, body=body: httpx.Response(200, json=body))  # type: ignore[misc]
        assert (type(error), error.retry_after) == (Throttled, 5)
    plain = await failing(lambda _: httpx.Response(200, text=text))
    assert (type(plain), plain.retry_after) == (Throttled, 5)


async def test_an_answer_in_a_list_of_one_is_read_like_a_single_one() -> None:
    error = {"code": -32005, "message": "your project is rate limited", "data": {"rate": {"backoff_seconds": 30}}}
    found = await failing(lambda _: httpx.Response(200, json=[{"id": None, "error": error}]))

    assert (type(found), found.retry_after) == (Throttled, 30)


async def test_a_resource_that_complains_about_the_rate_is_throttling() -> None:
    one = provider(lambda _: httpx.Response(200, json={"error": "rate limit exceeded, retry in 3 seconds"}))
    with pytest.raises(Throttled) as error:
        await one.get("/address/a/txs")

    assert error.value.retry_after == 3


async def test_a_403_with_a_json_rpc_error_keeps_its_pause() -> None:
    body = {"id": None, "error": {"code": -32005, "message": "rate limited, try again in 2.5s"}}
    error = await failing(lambda _: httpx.Response(403, json=body))

    assert (type(error), error.retry_after) == (Throttled, 2.5)
