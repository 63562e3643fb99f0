"""The errors that the client raises."""

import pickle

import pytest

from baton import (
    BatonError,
    DocumentError,
    InvalidArgument,
    OrderRefused,
    OrderUnknown,
    Outcome,
    Phase,
    Standing,
    Unreachable,
)

STANDING = Standing(phase=Phase.CLOSED, outcome=Outcome.FAILED)
ERRORS = [
    DocumentError("reference: use letters; check it"),
    DocumentError("2 fields are wrong: amount, account", "correct them"),
    InvalidArgument("note", "is empty", "write a note"),
    OrderRefused("order_closed", "the order is closed", "place another", STANDING),
    OrderUnknown("order_unknown", "no order has this reference", "see `baton list`"),
    Unreachable("no_worker", "no answer in time.", "Check the worker."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_has_code_message_and_remedy_in_one_sentence(error: BatonError) -> None:
    assert isinstance(error, BatonError)
    assert error.code
    assert str(error).startswith(error.message)
    assert str(error).endswith(error.remedy)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_travels_between_processes_unchanged(error: BatonError) -> None:
    again = pickle.loads(pickle.dumps(error))

    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_without_a_remedy_the_message_stands_alone() -> None:
    assert str(BatonError("broken", "it broke")) == "it broke"


def test_a_document_error_is_a_value_error() -> None:
    assert isinstance(ERRORS[0], ValueError)
    assert (ERRORS[0].code, ERRORS[0].remedy) == ("invalid_order", "check it")
