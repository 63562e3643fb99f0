"""Keccak-256 as Ethereum uses it: SHA-3 before its padding changed. The standard library has only SHA-3.

It is for the checksums of addresses, some dozens of bytes each, so it need not be fast. It is pure, so a decision that
depends on it can be replayed. Source: FIPS 202, with the original padding byte.
"""

LANES = 5
RATE = 136
"""Bytes absorbed between two permutations, for 256 bits of output."""

ORIGINAL = 0x01
SHA3 = 0x06
_ROUNDS = 24
_MASK = (1 << 64) - 1


def _rotated(lane: int, by: int) -> int:
    by %= 64
    return (lane << by | lane >> (64 - by)) & _MASK


def _round_constants() -> list[int]:
    constants, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for place in range(7):
            constant |= (register & 1) << ((1 << place) - 1)
            register = register << 1 ^ (0x171 if register >> 7 else 0)
        constants.append(constant)
    return constants


_CONSTANTS = _round_constants()


def _permuted(lanes: list[list[int]]) -> list[list[int]]:
    for constant in _CONSTANTS:
        lanes = _chi(_rho_and_pi(_theta(lanes)))
        lanes[0][0] ^= constant
    return lanes


def _theta(a: list[list[int]]) -> list[list[int]]:
    parity = [column[0] ^ column[1] ^ column[2] ^ column[3] ^ column[4] for column in a]
    mixed = [parity[x - 1] ^ _rotated(parity[(x + 1) % LANES], 1) for x in range(LANES)]
    return [[lane ^ mixed[x] for lane in column] for x, column in enumerate(a)]


def _rho_and_pi(a: list[list[int]]) -> list[list[int]]:
    moved = [column[:] for column in a]
    x, y, lane = 1, 0, a[1][0]
    for step in range(24):
        x, y = y, (2 * x + 3 * y) % LANES
        lane, moved[x][y] = a[x][y], _rotated(lane, (step + 1) * (step + 2) // 2)
    return moved


def _chi(a: list[list[int]]) -> list[list[int]]:
    return [
        [a[x][y] ^ (~a[(x + 1) % LANES][y] & _MASK & a[(x + 2) % LANES][y]) for y in range(LANES)] for x in range(LANES)
    ]


def digest(data: bytes, padding: int = ORIGINAL) -> bytes:
    """Return the 256-bit digest of `data`, with Ethereum's padding or with that of SHA-3."""
    padded = bytearray(data) + bytes([padding]) + bytes(-(len(data) + 1) % RATE)
    padded[-1] |= 0x80
    lanes = [[0] * LANES for _ in range(LANES)]
    for start in range(0, len(padded), RATE):
        for place in range(RATE // 8):
            begin = start + 8 * place
            lanes[place % LANES][place // LANES] ^= int.from_bytes(padded[begin : begin + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lanes[x][0].to_bytes(8, "little") for x in range(4))
