"""docs/order-document.md is as the models are: every field with its type, unit and an example that is taken."""

import json

import pytest

from baton.orders.document import OfframpDocument, OnrampDocument, PolicyDocument, SwapDocument, read_document
from tests.pages.order_document import EXAMPLES, FIELDS, PAGE, fields_of, page

MODELS = (SwapDocument, OnrampDocument, OfframpDocument, PolicyDocument)


def test_the_page_is_as_the_models_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.pages.order_document --write"


def test_every_field_of_a_document_is_explained_and_no_other() -> None:
    assert set(FIELDS) == {name for model in MODELS for name in fields_of(model)}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_example_of_each_kind_is_taken(kind: str) -> None:
    document = read_document(json.dumps(EXAMPLES[kind]))

    assert document.kind == kind
    assert document.reference == EXAMPLES[kind]["reference"]
