"""The rules that an order document breaks across its fields, beside the fields that are wrong themselves. Pure.

A person corrects a file once: so these rules are looked at also where some fields cannot be read.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from baton.errors import FieldFault
from baton.orchestra.models import QuoteRequest
from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.rules import offramp, onramp, swap
from baton.orchestra.rules.request_fields import FieldObjection
from baton.orders.place_order import OFFRAMP, ONRAMP, SWAP

_FIELD = re.compile(r"[a-z][A-Za-z]*")
_STAND_IN: Mapping[str, Any] = {"amount": 1}
"""Values of required fields that are missing or wrong; nothing is said about these fields."""


def _sentences(found: Iterable[FieldObjection]) -> list[str]:
    return [f"{objection.field}: {objection.remedy}" for objection in found]


_RULES: dict[str, tuple[type[BaseModel], Callable[[Any], list[str]]]] = {
    SWAP: (QuoteRequest, swap.objections),
    ONRAMP: (OnrampRequest, lambda request: _sentences(onramp.objections(request))),
    OFFRAMP: (OfframpRequest, lambda request: _sentences(offramp.objections(request))),
}


def broken_rules(kind: str, content: Mapping[str, Any], wrong: Collection[str]) -> list[FieldFault]:
    """Return the rules that a document breaks, without those about fields that are wrong anyway.

    Args:
        kind: The kind of order.
        content: The document, under the partner API's names.
        wrong: The fields that cannot be read.
    """
    model, rules = _RULES[kind]
    required = {field.alias or name for name, field in model.model_fields.items() if field.is_required()}
    stand_ins = {name: _STAND_IN.get(name, "-") for name in required if name in wrong or name not in content}
    right = {name: value for name, value in content.items() if name not in wrong}
    try:
        request = model.model_validate({**right, **stand_ins})
    except ValidationError:
        return []
    found = [FieldFault(_first_word(text), text) for text in rules(request)]
    return [fault for fault in found if fault.field not in {*wrong, *stand_ins}]


def _first_word(text: str) -> str:
    word = _FIELD.match(text)
    return word[0] if word else ""
