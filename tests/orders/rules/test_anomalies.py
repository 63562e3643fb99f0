"""An order keeps each anomaly once and so many of each kind, and counts the others."""

from baton.orders.observation import Anomaly, AnomalyKind, OrderView
from baton.orders.rules.anomalies import MAX_ANOMALIES, with_anomalies, without_anomaly


def anomaly(number: int, kind: AnomalyKind = AnomalyKind.OTHER_ORDER) -> Anomaly:
    return Anomaly(kind=kind, message=f"anomaly {number}")


def test_a_repeated_anomaly_changes_nothing() -> None:
    view = with_anomalies(OrderView(), [anomaly(1)])

    assert with_anomalies(view, [anomaly(1), anomaly(1)]) is view


def test_a_flood_of_one_kind_is_counted_and_hides_no_other_kind() -> None:
    view = with_anomalies(OrderView(), [anomaly(number) for number in range(5_000)])
    view = with_anomalies(view, [anomaly(1, AnomalyKind.UNREADABLE)])

    assert len(view.anomalies) == MAX_ANOMALIES + 1
    assert view.anomalies[-1].kind is AnomalyKind.UNREADABLE
    assert view.anomalies_left_out == 5_000 - MAX_ANOMALIES


def test_an_anomaly_that_turned_out_to_be_none_makes_room() -> None:
    view = with_anomalies(OrderView(), [anomaly(number) for number in range(MAX_ANOMALIES)])

    view = with_anomalies(without_anomaly(view, anomaly(0)), [anomaly(99)])

    assert [view.anomalies[0].message, view.anomalies[-1].message] == ["anomaly 1", "anomaly 99"]
