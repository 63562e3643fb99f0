"""`baton deposit`: report the payer's deposit with the proof of its source chain."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience, Reference
from baton.cli.session import join_stack, open_client
from baton.cli.views.standing import tell_standing

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.orchestra.proofs import DepositProof

_PROOF, _HINTS = "Proof, one of", "Hints"
_SHAPES = {
    "tx_hash": "--tx-hash",
    "spark_tx_hash": "--spark-tx-hash",
    "bitcoin_txid": "--bitcoin-txid",
    "lightning_receive_request_id": "--lightning-receive-request-id",
}
"""Field of a proof that makes its shape, and its option."""


def _option(panel: str, name: str, metavar: str, explain: str, **rest: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=explain, rich_help_panel=panel, show_default=False, **rest)


TxHash = Annotated[
    str | None, _option(_PROOF, "--tx-hash", "HASH", "Transaction on an EVM chain, Solana, Tron and the like.")
]
SparkTxHash = Annotated[str | None, _option(_PROOF, "--spark-tx-hash", "TRANSFER", "Spark transfer.")]
BitcoinTxid = Annotated[str | None, _option(_PROOF, "--bitcoin-txid", "TXID", "Bitcoin transaction; name its output.")]
BitcoinVout = Annotated[
    int | None, _option(_PROOF, "--bitcoin-vout", "OUTPUT", "Output of the transaction that pays the address.", min=0)
]
LightningId = Annotated[
    str | None,
    _option(
        _PROOF,
        "--lightning-receive-request-id",
        "ID",
        "Lightning receive request; an order from Lightning knows its own.",
    ),
]
SourceAddress = Annotated[str | None, _option(_HINTS, "--source-address", "ADDRESS", "Who sent it.")]
SourceSparkAddress = Annotated[
    str | None, _option(_HINTS, "--source-spark-address", "ADDRESS", "Who sent it, on Spark.")
]
QuoteId = Annotated[
    str | None, _option(_HINTS, "--quote-id", "QUOTE", "Older quote of the order whose address took the deposit.")
]


@command
def deposit(
    reference: Reference,
    tx_hash: TxHash = None,
    spark_tx_hash: SparkTxHash = None,
    bitcoin_txid: BitcoinTxid = None,
    bitcoin_vout: BitcoinVout = None,
    lightning_receive_request_id: LightningId = None,
    source_address: SourceAddress = None,
    source_spark_address: SourceSparkAddress = None,
    quote_id: QuoteId = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Report the payer's deposit, with the one proof that its source chain has.

    [dim]baton deposit invoice-42 --tx-hash 0x9f...[/dim]
    """
    from baton.process.lifecycle import run_main

    given = {
        "tx_hash": tx_hash,
        "spark_tx_hash": spark_tx_hash,
        "bitcoin_txid": bitcoin_txid,
        "bitcoin_vout": bitcoin_vout,
        "lightning_receive_request_id": lightning_receive_request_id,
        "source_address": source_address,
        "source_spark_address": source_spark_address,
    }
    proof = read_proof(given)

    async def main() -> int:
        client = await open_client(patience)
        shown = proof or await _own_receive_request(client, reference, account, quote_id)
        standing = await client.report_deposit(reference, shown, account, quote_id=quote_id)
        tell_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


def read_proof(given: dict[str, Any]) -> "DepositProof | None":
    """Return the proof that the options give, or None where they leave it to the order.

    Raises:
        CommandFailed: There are several proofs, or a part of one.
    """
    from baton.orchestra.proofs import DepositProof

    shapes = [option for field, option in _SHAPES.items() if given.get(field)]
    if len(shapes) > 1:
        raise CommandFailed(USAGE, "invalid_proof", f"give one proof, not {' and '.join(shapes)}")
    if given.get("bitcoin_vout") is not None and shapes != ["--bitcoin-txid"]:
        raise CommandFailed(USAGE, "invalid_proof", "--bitcoin-vout belongs to --bitcoin-txid; give both or neither")
    return DepositProof(**given) if shapes else None


async def _own_receive_request(
    client: "BatonClient", reference: str, account: str, quote_id: str | None
) -> "DepositProof":
    from baton.orchestra.proofs import DepositProof, shape_for

    order = await client.snapshot(reference, account)
    own = order.lightning_receive_request_id
    if order.source_chain == "lightning" and own and quote_id in (None, order.quote_id):
        return DepositProof(lightning_receive_request_id=own)
    wanted = {"txHash": "tx_hash", "sparkTxHash": "spark_tx_hash", "bitcoinTxid": "bitcoin_txid"}
    option = _SHAPES[wanted.get(shape_for(order.source_chain), "lightning_receive_request_id")]
    extra = " with --bitcoin-vout" if option == "--bitcoin-txid" else ""
    raise CommandFailed(
        USAGE, "invalid_proof", f"a deposit on {order.source_chain} is proved by {option}{extra}; give it"
    )
