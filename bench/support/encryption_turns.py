"""What one turn of the encryption benchmark measured, and what encryption costs by the medians of the turns. Pure."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from bench.support.codec_cost import CodecCost
from bench.support.results import heading, markdown_table
from bench.support.throughput import Throughput

HEAD = ("payloads", "orders/s (turns)", "history bytes", "events", "worker", "gateway", "temporal", "driver")
_PROCESSES = ("worker", "gateway", "temporal", "driver")

NOTES = """\
Orders of five kinds, webhooks in a burst, in turns on two stacks of their own. Bytes and events are those of one
order's history. The last four columns are CPU milliseconds for one order; the driver is the business app. The codec is
timed alone, with the payloads of one order, because its share is smaller than what two runs differ by. The ledger and
what Orchestra sees are the same either way. Ratios hold elsewhere too; times and rates hold only on this machine."""


class PayloadFigures(NamedTuple):
    """The medians of the turns with, or without, encryption.

    Attributes:
        encrypted: Whether Temporal's payloads were encrypted.
        speeds: Orders a second of each turn.
        history_bytes: Bytes of an order's history.
        events: Events of an order's history.
        cpu_ms: CPU milliseconds of each process for one order.
    """

    encrypted: bool
    speeds: tuple[float, ...]
    history_bytes: float
    events: float
    cpu_ms: Mapping[str, float]


class EncryptionCost(NamedTuple):
    """Orders in clear and encrypted, side by side, and what the codec alone takes for one order."""

    clear: PayloadFigures
    encrypted: PayloadFigures
    codec: CodecCost

    @property
    def bytes_ratio(self) -> float:
        """Bytes of an encrypted history, divided by those of one in clear."""
        return round(self.encrypted.history_bytes / self.clear.history_bytes, 2)

    @property
    def speed_ratio(self) -> float:
        """Orders a second with encryption, divided by those without."""
        return round(median(self.encrypted.speeds) / median(self.clear.speeds), 2)

    @property
    def codec_ms(self) -> float:
        """CPU milliseconds to encrypt and decrypt every payload of an order once."""
        return round(self.codec.encrypt_ms + self.codec.decrypt_ms, 2)


def figures_of(turns: Sequence[Throughput], *, encrypted: bool) -> PayloadFigures:
    """Return the medians of turns; at least one order must have completed in each."""
    costs = [turn.cost for turn in turns if turn.cost]
    return PayloadFigures(
        encrypted=encrypted,
        speeds=tuple(turn.orders_per_second for turn in turns),
        history_bytes=median(cost.history_bytes for cost in costs),
        events=median(cost.events for cost in costs),
        cpu_ms={
            name: round(median(turn.cpu_ms_per_order.get(name, 0) for turn in turns), 1)
            for name in dict.fromkeys(name for turn in turns for name in turn.cpu_seconds)
        },
    )


def rows_of(cost: EncryptionCost) -> list[tuple[str, ...]]:
    """Return the table's rows: in clear, encrypted, and the ratio of both."""
    rows = [_row(cost.clear), _row(cost.encrypted)]
    ratios = (cost.speed_ratio, cost.bytes_ratio, cost.encrypted.events / cost.clear.events)
    return [*rows, ("ratio", *(f"{ratio:.2f}" for ratio in ratios), *(_ratio(cost, name) for name in _PROCESSES))]


def _row(figures: PayloadFigures) -> tuple[str, ...]:
    speeds = f"{median(figures.speeds):g} ({min(figures.speeds):g} to {max(figures.speeds):g})"
    counts = (f"{figures.history_bytes:,.0f}", f"{figures.events:g}")
    name = "encrypted" if figures.encrypted else "in clear"
    return (name, speeds, *counts, *(f"{figures.cpu_ms.get(process, 0):g}" for process in _PROCESSES))


def _ratio(cost: EncryptionCost, process: str) -> str:
    before = cost.clear.cpu_ms.get(process, 0)
    return f"{cost.encrypted.cpu_ms.get(process, 0) / before:.2f}" if before else "-"


def verdict(cost: EncryptionCost) -> str:
    """Return what encryption costs, in a sentence."""
    return (
        f"Encryption makes an order's history {cost.bytes_ratio:.2f} times as long. To encrypt and decrypt its "
        f"{cost.codec.payloads} payloads once takes {cost.codec_ms:g} ms of CPU; the same machine does "
        f"{cost.speed_ratio:.2f} times the orders."
    )


def page(cost: EncryptionCost, command: str, machine: str, load_before: float | None) -> str:
    """Return the results as a Markdown page."""
    title = heading("What encryption costs", command, machine, load_before)
    return "\n\n".join([title, f"**{verdict(cost)}**", markdown_table(HEAD, rows_of(cost)), NOTES]) + "\n"


def document(cost: EncryptionCost, command: str, machine: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON."""
    return {
        "command": command,
        "at": at,
        "machine": dict(machine),
        "bytes_ratio": cost.bytes_ratio,
        "speed_ratio": cost.speed_ratio,
        "clear": cost.clear._asdict(),
        "encrypted": cost.encrypted._asdict(),
        "codec": cost.codec._asdict(),
    }
