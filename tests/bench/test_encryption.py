"""The encryption benchmark: it compares medians of turns, and times the codec with an order's own payloads."""

from bench.support.codec_cost import CodecCost, codec_cost
from bench.support.encryption_turns import EncryptionCost, document, figures_of, page, rows_of
from bench.support.history import HistoryCost
from bench.support.throughput import Throughput
from tests.replay.store import load

CODEC = CodecCost(payloads=23, payload_bytes=12_000, encrypt_ms=0.14, decrypt_ms=0.08)


def turn(orders: int, size: float, worker: float) -> Throughput:
    cost = HistoryCost(22, 3, size, 2, 0, 3, 1)
    return Throughput(16, 10.0, orders, orders / 10, None, None, None, cost, {"worker": worker * orders / 1000}, [])


def both() -> EncryptionCost:
    clear = [turn(200, 10_000, 25), turn(220, 10_000, 24), turn(10, 10_000, 90)]
    encrypted = [turn(190, 12_000, 26), turn(198, 12_000, 27), turn(200, 12_000, 28)]
    return EncryptionCost(figures_of(clear, encrypted=False), figures_of(encrypted, encrypted=True), CODEC)


def test_the_ratios_are_those_of_the_medians() -> None:
    cost = both()

    assert cost.speed_ratio == 0.99
    assert cost.bytes_ratio == 1.2
    assert (cost.clear.cpu_ms["worker"], cost.encrypted.cpu_ms["worker"]) == (25, 27)
    assert rows_of(cost)[2][:5] == ("ratio", "0.99", "1.20", "1.00", "1.08")


def test_the_page_and_the_document_say_what_it_costs() -> None:
    text = page(both(), "make bench BENCH=encryption", "2 cores", 0.1)

    assert "makes an order's history 1.20 times as long" in text
    assert "23 payloads once takes 0.22 ms of CPU" in text
    assert document(both(), "make bench BENCH=encryption", {}, "now")["codec"]["payloads"] == 23


async def test_the_codec_is_timed_with_every_payload_of_a_history() -> None:
    cost = await codec_cost(load("local_swap").events)

    assert cost.payloads > 15
    assert cost.payload_bytes > 5_000
    assert cost.encrypt_ms > 0
    assert cost.decrypt_ms > 0
