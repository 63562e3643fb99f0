"""`baton deposit`: report the payer's deposit with the proof of its source chain."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience, Reference
from baton.cli.output import print_standing
from baton.cli.session import join_stack, open_client

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
"""The field that tells one kind of proof from another, and its option."""


def _option(panel: str, name: str, metavar: str, explain: str, **rest: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=explain, rich_help_panel=panel, show_default=False, **rest)


TxHash = Annotated[
    str | None, _option(_PROOF, "--tx-hash", "HASH", "Transaction on an EVM chain, Solana, Tron and similar.")
]
SparkTxHash = Annotated[str | None, _option(_PROOF, "--spark-tx-hash", "TRANSFER", "Spark transfer.")]
BitcoinTxid = Annotated[str | None, _option(_PROOF, "--bitcoin-txid", "TXID", "Bitcoin transaction, with its output.")]
BitcoinVout = Annotated[
    int | None, _option(_PROOF, "--bitcoin-vout", "OUTPUT", "Number of the output that pays the address.", min=0)
]
LightningId = Annotated[
    str | None,
    _option(
        _PROOF,
        "--lightning-receive-request-id",
        "ID",
        "Lightning receive request; an order from Lightning has its own.",
    ),
]
SourceAddress = Annotated[str | None, _option(_HINTS, "--source-address", "ADDRESS", "Address that sent the deposit.")]
SourceSparkAddress = Annotated[
    str | None, _option(_HINTS, "--source-spark-address", "ADDRESS", "Spark address that sent the deposit.")
]
QuoteId = Annotated[
    str | None, _option(_HINTS, "--quote-id", "QUOTE", "Earlier quote of the order, if its address got the deposit.")
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
    """Report the payer's deposit, with the proof that its source chain needs.

    [dim]baton deposit invoice-42 --tx-hash 0x9f...[/dim]
    """
    from baton.process.lifecycle import run_main

    fields = {
        "tx_hash": tx_hash,
        "spark_tx_hash": spark_tx_hash,
        "bitcoin_txid": bitcoin_txid,
        "bitcoin_vout": bitcoin_vout,
        "lightning_receive_request_id": lightning_receive_request_id,
        "source_address": source_address,
        "source_spark_address": source_spark_address,
    }
    proof = read_proof(fields)

    async def main() -> int:
        client = await open_client(patience)
        given = proof or await _own_receive_request(client, reference, account, quote_id)
        standing = await client.report_deposit(reference, given, account, quote_id=quote_id)
        print_standing(reference, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


def read_proof(fields: dict[str, Any]) -> "DepositProof | None":
    """Return the proof that the options give, or None if they give none.

    Raises:
        CommandFailed: They give several proofs, or a part of one.
    """
    from baton.orchestra.proofs import DepositProof

    shapes = [option for field, option in _SHAPES.items() if fields.get(field)]
    if len(shapes) > 1:
        raise CommandFailed(USAGE, "invalid_proof", f"give one proof, not {' and '.join(shapes)}")
    if fields.get("bitcoin_vout") is not None and shapes != ["--bitcoin-txid"]:
        raise CommandFailed(USAGE, "invalid_proof", "--bitcoin-vout belongs to --bitcoin-txid; give both or neither")
    return DepositProof(**fields) if shapes else None


async def _own_receive_request(
    client: "BatonClient", reference: str, account: str, quote_id: str | None
) -> "DepositProof":
    """Return the receive request of an order from Lightning; other orders need a proof option."""
    from baton.orchestra.proofs import DepositProof, shape_for

    order = await client.snapshot(reference, account)
    own = order.lightning_receive_request_id
    if order.source_chain == "lightning" and own and quote_id in (None, order.quote_id):
        return DepositProof(lightning_receive_request_id=own)
    fields = {"txHash": "tx_hash", "sparkTxHash": "spark_tx_hash", "bitcoinTxid": "bitcoin_txid"}
    option = _SHAPES[fields.get(shape_for(order.source_chain), "lightning_receive_request_id")]
    extra = " with --bitcoin-vout" if option == "--bitcoin-txid" else ""
    raise CommandFailed(
        USAGE, "invalid_proof", f"a deposit on {order.source_chain} is proved by {option}{extra}; give it"
    )
