"""Writes docs/order-document.md out of the models of an order document.

python -m tests.pages.order_document            show whether the page is current; exit 1 if it is not
python -m tests.pages.order_document --write    write it
"""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from baton.orders.document import OfframpDocument, OnrampDocument, PolicyDocument, SwapDocument
from tests.paths import ROOT

PAGE = ROOT / "docs" / "order-document.md"

SPARK = "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2"
EVM = "0x52908400098527886E0F7030069857D2E4169EE7"

EXAMPLES: dict[str, dict[str, Any]] = {
    "swap": {
        "reference": "invoice-42",
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "amount": "100 USDC",
        "recipientAddress": SPARK,
        "refundAddress": EVM,
        "slippageBps": 50,
        "policy": {"onQuoteExpiry": "requote", "depositWindow": "PT2H"},
        "metadata": {"customer": "4711"},
    },
    "onramp": {
        "kind": "onramp",
        "reference": "invoice-43",
        "destinationChain": "spark",
        "destinationAsset": "USDB",
        "amount": "$25.00",
        "recipientAddress": SPARK,
        "payer": "customer-4711",
        "payerRegion": "US-CA",
    },
    "offramp": {
        "kind": "offramp",
        "reference": "invoice-44",
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "amount": "50 USDC",
        "recipientAddress": "$name",
        "refundAddress": EVM,
    },
}
"""An example of each kind of order; a test reads them."""

FIELDS: dict[str, tuple[str, str, str]] = {
    "reference": (
        "text",
        "your own id of the order: letters, digits, `. _ : -`; default: a generated one",
        "invoice-42",
    ),
    "account": ("text", "partner account that places it", "default"),
    "policy": ("object", "what Baton does without asking, see below", '{"onQuoteExpiry": "requote"}'),
    "metadata": (
        "object of texts",
        "what you attach; shown with the order, never sent to Orchestra",
        '{"customer": "7"}',
    ),
    "kind": ("text", "`swap`, `onramp` or `offramp`; a swap if left out", "swap"),
    "sourceChain": ("text", "chain of the deposit, by Orchestra's name", "base"),
    "sourceAsset": ("text", "asset of the deposit; upper and lower case differ", "USDC"),
    "destinationChain": ("text", "chain of the payout", "spark"),
    "destinationAsset": ("text", "asset of the payout", "BTC"),
    "amount": ("amount", "what goes in, or with `exact_out` what comes out, see above", "100 USDC"),
    "amountFiatUsd": ("text, US dollars", "what the payer pays, instead of `amount`", "25.00"),
    "amountMode": ("text", "`exact_in` or `exact_out`; left out it is `exact_in`", "exact_out"),
    "recipientAddress": (
        "text",
        "where the payout goes; a Cash App name or a Lightning address for an off-ramp",
        SPARK[:12] + "...",
    ),
    "refundAddress": ("text", "where a refund goes; required with `exact_out`", EVM[:8] + "..."),
    "refundChain": ("text", "chain of the refund address, if it is not the source chain", "base"),
    "slippageBps": ("whole number, basis points", "slippage allowed", "50"),
    "zeroconfEnabled": ("true or false", "whether to ask for offers of credit before confirmation", "true"),
    "deliveryMode": ("text", "`variable` or `fixed`", "variable"),
    "appFees": (
        "list of objects",
        "fees as `recipient` and `fee` in basis points",
        '[{"recipient": "0x...", "fee": 25}]',
    ),
    "affiliateId": ("text", "one registered affiliate", "friend"),
    "affiliateIds": ("list", "several affiliates, each an id or `affiliateId` with `feeBps`", '["friend", "other"]'),
    "payer": ("text", "your own id of the payer; limits are per payer", "customer-7"),
    "payerRegion": ("text", "region of the payer", "US-CA"),
    "onQuoteExpiry": ("text", "`wait`, `requote` or `expire`, when a quote expires without a deposit", "requote"),
    "maxRequotes": ("whole number", "how many new quotes at most", "3"),
    "depositWindow": ("seconds or ISO 8601 duration", "how long the order waits for a deposit, from its start", "PT2H"),
    "zeroconf": ("object", "what to do about offers of credit: docs/approvals.md", '{"mode": "accept"}'),
    "reprice": ("object", "what to do about a worse price: docs/approvals.md", '{"mode": "ask"}'),
    "submitAt": ("text", "`seen`, `confirmed` or `final`: how sure a deposit on its chain must be", "final"),
}
"""Type and unit of each field, what it means, and an example."""

HEAD = """\
# Order document

An order as `baton start --file`, `BatonClient.place` and `POST /v1/orders` take it: one JSON object with the field
names of Orchestra's API. A wrong document is refused with all that is wrong with it, field by field. `make docs` writes
this page out of the code.

## Amounts

| written | means |
|---|---|
| `"100000000"` or `100000000` | smallest units of the asset, digits only |
| `"100 USDC"`, `"0.5 BTC"` | whole units; the unit is the asset that the amount is of, and its decimals are exact |
| `"$25"`, `"25 USD"` | US dollars, for onramps only |

* The amount is of the source asset, and with `"amountMode": "exact_out"` of the destination asset. An onramp is paid in
  BTC.
* The decimals come from Orchestra's routes, else from Baton's catalogue of chains. An asset that neither knows takes
  smallest units only: nothing is guessed. If Orchestra states other decimals than those by which the amount was read,
  the order is refused (`decimals_differ`).
* More decimals than the asset has are refused. So are separators (`1,000.50 USDC`): a comma means thousands in one
  country and decimals in another.

Everywhere an amount is shown it has both: `{"amount": "100000000", "asset": "USDC", "chain": "base", "decimals": 6,
"display": "100"}`, in `amounts` of a placement, a snapshot and a result. `display` is exact, and `null` where the
decimals are not known.

## Durations

A number counts seconds. A text is an ISO 8601 duration: `P`, then days (`D`), then after a `T` hours (`H`), minutes
(`M`) and seconds (`S`). `PT90M` is 90 minutes, `PT2H` two hours, `P1D` a day, `P1DT12H` a day and a half.
"""


def page() -> str:
    """Return the page as the models have it now."""
    sections = [HEAD]
    for title, model, example in (
        ("A swap", SwapDocument, "swap"),
        ("An onramp", OnrampDocument, "onramp"),
        ("An off-ramp", OfframpDocument, "offramp"),
        ("The policy", PolicyDocument, None),
    ):
        sections += [f"\n## {title}\n", *_table(model)]
        if example:
            sections += ["\n```json", json.dumps(EXAMPLES[example], indent=2), "```"]
    return "\n".join(sections) + "\n"


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a document by their names in JSON."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| field | type and unit | required | meaning | example |"
    yield "|---|---|---|---|---|"
    for name, field in sorted(fields_of(model).items(), key=lambda entry: not entry[1].is_required()):
        kind, meaning, example = FIELDS[name]
        other_kind = name == "kind" and field.default != "swap"
        required = "yes" if field.is_required() or other_kind else _default(field)
        yield f"| `{name}` | {kind}{_bounds(field)} | {required} | {meaning} | `{example}` |"


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    plain = isinstance(value, str | int) and not isinstance(value, bool)
    return f"default `{value}`" if plain else "no"


def _bounds(field: FieldInfo) -> str:
    """Return the least and the most that a number or a length may be."""
    found = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le", "lt") if hasattr(rule, name)
    }
    low, high = found.get("ge", found.get("gt")), found.get("le", found.get("lt"))
    if low is None or high is None:
        return ""
    return f", {low} to {high}" if isinstance(high, int) else f", at most {high.days} days"


def main() -> int:
    """Show whether the page is current, or write it."""
    parser = argparse.ArgumentParser(description="The reference of the order document.")
    parser.add_argument("--write", action="store_true", help="write the page")
    if parser.parse_args().write:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    sys.stdout.write("current\n" if current else "run python -m tests.pages.order_document --write\n")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
