"""Which calls inside a transaction move the chain's own coin."""

from baton.chains.evm.traces import moves
from baton.chains.evm.wire import Frame

PAYER, ADDRESS = (f"0x{digit * 40}" for digit in "bc")


def frame(kind: str, value: int, *calls: Frame, to: str = ADDRESS, error: str | None = None) -> Frame:
    return Frame.model_validate(
        {"type": kind, "from": PAYER, "to": to, "value": hex(value), "calls": list(calls), "error": error}
    )


def test_only_calls_that_moved_coins_are_returned() -> None:
    root = frame(
        "CALL", 9,
        frame("DELEGATECALL", 9, frame("CALL", 1)),
        frame("CALL", 2, frame("CALL", 3), error="execution reverted"),
        frame("STATICCALL", 0),
        frame("CALL", 0),
        frame("SELFDESTRUCT", 4),
        frame("CREATE", 5),
    )  # fmt: skip
    assert [(path, call.value) for path, call in moves(root)] == [("call.0.0", 1), ("call.4", 4), ("call.5", 5)]
    assert list(moves(frame("CALL", 9, frame("CALL", 1), error="out of gas"))) == []
