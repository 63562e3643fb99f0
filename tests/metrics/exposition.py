"""Reads a scrape as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]


def samples(text: str) -> dict[tuple[str, Labels], float]:
    """Return every value of a scrape by name and labels; a text that is not well-formed raises."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float | None:
    """Return one value of a scrape, or None if it has no such series."""
    return samples(text).get((name, frozenset(labels.items())))


def labels_of(text: str) -> dict[str, set[str]]:
    """Return the names of the labels of each metric of a scrape."""
    found: dict[str, set[str]] = {}
    for name, labels in samples(text):
        found.setdefault(name, set()).update(label for label, _ in labels)
    return found
