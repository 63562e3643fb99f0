"""How many blocks a log query covers after refusals, failures and answers."""

from baton.chains.evm.query_span import QuerySpan


def test_a_refused_span_is_halved_and_grows_back_below_the_refusal() -> None:
    span, sizes = QuerySpan(1000), []
    for _ in range(60):
        sizes.append(span.blocks)
        if span.blocks > 100:
            span.refused(span.blocks)
        else:
            span.accepted(span.blocks)
    assert sizes[:5] == [1000, 500, 250, 125, 62]
    assert span.blocks == 100
    assert sum(blocks > 100 for blocks in sizes) <= 7


def test_a_suggested_range_is_used() -> None:
    span = QuerySpan(1000)
    span.refused(1000, "query returned more than 10000 results. Try with this block range [0x10, 0x19].")
    assert span.blocks == 10


def test_a_suggestion_that_is_not_smaller_is_ignored() -> None:
    span = QuerySpan(10)
    span.refused(10, "try [0x1, 0xffff]")
    assert span.blocks == 9


def test_a_span_grows_back_to_the_limit_after_failures() -> None:
    span = QuerySpan(100)
    for _ in range(5):
        span.failed(span.blocks)
    assert span.blocks == 6
    for _ in range(50):
        span.accepted(span.blocks)
    assert span.blocks == 100


def test_a_refused_span_is_tried_again_after_many_queries() -> None:
    span = QuerySpan(100)
    span.refused(100)
    for _ in range(300):
        span.accepted(span.blocks)
    assert span.blocks == 100
