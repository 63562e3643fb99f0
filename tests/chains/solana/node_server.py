"""A fake Solana node, with answers as the RPC documentation describes them."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.token.associated import get_associated_token_address

from baton.chains.deposits import Watch
from baton.chains.http import Provider
from baton.chains.solana.accounts import TOKEN_PROGRAM
from baton.chains.solana.reader import SolanaReader
from baton.chains.spec import ChainSpec, Family, Token

USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
LATER = int(SINCE.timestamp()) + 600
PAYER = str(Keypair.from_seed(b"p" * 32).pubkey())

Response = Callable[[httpx.Request], httpx.Response]


def spec(**changes: Any) -> ChainSpec:
    fields: dict[str, Any] = {
        "name": "solana",
        "family": Family.SOLANA,
        "native": "SOL",
        "native_decimals": 9,
        "tokens": {"USDC": Token(contract=USDC, decimals=6)},
        "block_seconds": 0.4,
    }
    return ChainSpec(**(fields | changes))


def owner(number: int) -> str:
    return str(Keypair.from_seed(number.to_bytes(32, "big")).pubkey())


def account_of(address: str, mint: str = USDC) -> str:
    return str(get_associated_token_address(Pubkey.from_string(address), Pubkey.from_string(mint)))


def watch(address: str) -> Watch:
    return Watch(address=address, since=SINCE)


def tokens(index: int, holder: str | None, amount: int, mint: str = USDC) -> dict[str, Any]:
    entry = {"accountIndex": index, "mint": mint, "programId": TOKEN_PROGRAM}
    balance = {"amount": str(amount), "decimals": 6, "uiAmount": None, "uiAmountString": "0"}
    return entry | {"uiTokenAmount": balance} | ({"owner": holder} if holder else {})


def transaction(
    accounts: Sequence[str],
    before: Sequence[int] = (),
    after: Sequence[int] = (),
    tokens_before: Sequence[dict[str, Any]] = (),
    tokens_after: Sequence[dict[str, Any]] = (),
    *,
    err: Any = None,
    slot: int = 90,
) -> dict[str, Any]:
    keys = [{"pubkey": account, "signer": not index, "writable": True} for index, account in enumerate(accounts)]
    same = [0] * len(accounts)
    return {
        "slot": slot,
        "blockTime": LATER,
        "meta": {
            "err": err,
            "fee": 5000,
            "preBalances": list(before or same),
            "postBalances": list(after or same),
            "preTokenBalances": list(tokens_before),
            "postTokenBalances": list(tokens_after),
        },
        "transaction": {"message": {"accountKeys": keys}, "signatures": []},
    }


def usdc_payment(to: str, amount: int, before: int = 0) -> dict[str, Any]:
    accounts = [PAYER, account_of(PAYER), account_of(to)]
    return transaction(
        accounts,
        tokens_before=[tokens(1, PAYER, 10**12), tokens(2, to, before)],
        tokens_after=[tokens(1, PAYER, 10**12 - amount), tokens(2, to, before + amount)],
    )


class FakeSolanaNode:
    """A node with the transactions of a test; `answers` replaces single methods."""

    def __init__(self) -> None:
        self.slot = 100
        self.listed: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.transactions: dict[str, dict[str, Any] | None] = {}
        self.balances: dict[str, int] = {USDC: 1}
        self.token_accounts: dict[str, list[str]] = {}
        self.answers: dict[str, Response] = {}
        self.calls: Counter[str] = Counter()
        self._names = count(1)

    def add(
        self,
        account: str,
        body: dict[str, Any] | None,
        *,
        status: str = "finalized",
        time: float | None = LATER,
        err: Any = None,
        name: str = "",
    ) -> str:
        """Add the newest transaction that names an account, and return its signature."""
        signature = name or f"signature{next(self._names)}"
        entry = {"signature": signature, "slot": 90, "err": err, "blockTime": time, "confirmationStatus": status}
        self.listed[account].insert(0, entry)
        self.transactions[signature] = body
        self.balances[account] = self.balances.get(account, 0) + 1
        return signature

    def pay(self, to: str, amount: int, *, status: str = "finalized") -> str:
        return self.add(account_of(to), usdc_payment(to, amount), status=status)

    def finalize(self) -> None:
        for entries in self.listed.values():
            for entry in entries:
                entry["confirmationStatus"] = "finalized"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        self.calls[call["method"]] += 1
        if call["method"] in self.answers:
            response = self.answers[call["method"]](request)
            if response.status_code != 200 or response.content:
                return response
        result = getattr(self, f"_{call['method']}")(*call["params"])
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": result})

    def _getSlot(self, options: dict[str, Any]) -> int:
        return self.slot

    def _getMultipleAccounts(self, accounts: list[str], options: dict[str, Any]) -> Any:
        value = [self._account(account) for account in accounts]
        return {"context": {"slot": self.slot}, "value": value}

    def _account(self, account: str) -> Any:
        if account not in self.balances:
            return None
        return {"lamports": self.balances[account], "owner": TOKEN_PROGRAM, "data": ["", "base64"]}

    def _getSignaturesForAddress(self, account: str, options: dict[str, Any]) -> Any:
        entries = self.listed.get(account, [])
        names = [entry["signature"] for entry in entries]
        start, end = options.get("before"), options.get("until")
        first = names.index(start) + 1 if start in names else 0 if start is None else len(names)
        last = names.index(end) if end in names else len(names)
        return entries[first:last][: options["limit"]]

    def _getTransaction(self, signature: str, options: dict[str, Any]) -> Any:
        return self.transactions[signature]

    def _getTokenAccountsByOwner(self, address: str, which: dict[str, str], options: dict[str, Any]) -> Any:
        accounts = self.token_accounts.get(address, []) if which["programId"] == TOKEN_PROGRAM else []
        return {"context": {"slot": self.slot}, "value": [{"pubkey": account, "account": {}} for account in accounts]}

    def _getSignatureStatuses(self, signatures: list[str], options: dict[str, Any]) -> Any:
        entries = [entry for listed in self.listed.values() for entry in listed if entry["signature"] == signatures[0]]
        return {"context": {"slot": self.slot}, "value": [entries[0] if entries else None]}


def reader(node: FakeSolanaNode, chain: ChainSpec | None = None, **options: Any) -> SolanaReader:
    """Return a reader of a node; by default it reads every account on every scan."""
    provider = Provider("http://node.example/key", transport=httpx.MockTransport(node))
    return SolanaReader(chain or spec(), provider, **({"full_read_every": 1} | options))
