"""Many balances in one call, through the contract Multicall3, which has the same address on nearly every chain.

Only two of its functions are needed, so they are encoded by hand. Source: the Solidity ABI specification.
"""

from collections.abc import Sequence

MULTICALL = "0xca11bde05977b3631167028862be2a173976ca11"
"""Address of Multicall3, in lower case."""

_AGGREGATE3 = "82ad56cb"
_GET_ETH_BALANCE = "4d2301cc"
_WORD = 64
"""Hexadecimal digits of the 32 bytes to which every value is padded."""


def balances_call(addresses: Sequence[str]) -> str:
    """Return the data of a call that asks for the balances of these raw addresses."""
    calls = [_call(address) for address in addresses]
    offset, offsets = len(calls) * _WORD // 2, ""
    for call in calls:
        offsets += _padded(offset)
        offset += len(call) // 2
    return "0x" + _AGGREGATE3 + _padded(32) + _padded(len(calls)) + offsets + "".join(calls)


def _call(address: str) -> str:
    data = _GET_ETH_BALANCE + address[2:].rjust(_WORD, "0")
    target, allow_failure, offset = MULTICALL[2:].rjust(_WORD, "0"), _padded(0), _padded(96)
    return target + allow_failure + offset + _padded(len(data) // 2) + data.ljust(2 * _WORD, "0")


def _padded(number: int) -> str:
    return f"{number:0{_WORD}x}"


def balances_in(answer: str, count: int) -> list[int] | None:
    """Return the balances in the call's answer, in the order of the call; None if it holds something else."""
    digits = answer.removeprefix("0x")
    try:
        start = _number(digits, 0) + 32
        if _number(digits, start - 32) != count:
            return None
        return [_balance(digits, start + _number(digits, start + 32 * index)) for index in range(count)]
    except ValueError:
        return None


def _balance(digits: str, start: int) -> int:
    succeeded, offset = _number(digits, start), _number(digits, start + 32)
    if succeeded != 1 or _number(digits, start + offset) != 32:
        raise ValueError("no balance")
    return _number(digits, start + offset + 32)


def _number(digits: str, start: int) -> int:
    word = digits[2 * start : 2 * start + _WORD]
    if len(word) != _WORD:
        raise ValueError("the answer ends too early")
    return int(word, 16)
