"""Field types that accept more shapes than documented, so that one odd field does not make the rest unreadable."""

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from baton.encoding.units import MOST_DECIMALS

_LARGEST_COUNT = 2**63 - 1
_LONGEST_ROUTE = 20
_LONGEST_NAME = 100
"""Characters of one asset of a route."""


def _whole(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count_or_none(value: Any) -> int | None:
    count = _whole(value)
    return count if count is not None and abs(count) <= _LARGEST_COUNT else None


def _flag_or_none(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _memo(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _texts_only(value: Any) -> list[str]:
    entries = value[:_LONGEST_ROUTE] if isinstance(value, list) else []
    return [entry[:_LONGEST_NAME] for entry in entries if isinstance(entry, str)]


def _probability_or_none(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number <= 1 else None


def readable(model: type[BaseModel]) -> BeforeValidator:
    """Return a validator for a list of `model` that leaves out the entries that cannot be read."""

    def read(value: Any) -> list[BaseModel]:
        entries = value if isinstance(value, list) else []
        return [item for entry in entries if (item := _read_or_none(model, entry)) is not None]

    return BeforeValidator(read)


def optional(model: type[BaseModel]) -> BeforeValidator:
    """Return a validator for a sub-object that is None where it is missing or cannot be read as `model`."""
    return BeforeValidator(lambda value: _read_or_none(model, value))


def _read_or_none(model: type[BaseModel], value: Any) -> BaseModel | None:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def _status_or_processing(value: Any) -> str:
    return value if isinstance(value, str) and value else "processing"


class FeeAsset(BaseModel):
    """The asset of a fee; its decimals can differ from those of the order's assets of the same symbol."""

    chain: str = Field(max_length=_LONGEST_NAME)
    asset: str = Field(max_length=_LONGEST_NAME)
    decimals: int = Field(ge=0, le=MOST_DECIMALS)


TolerantFeeAsset = Annotated[FeeAsset | None, optional(FeeAsset)]
"""A fee's asset; None where it is missing or cannot be read."""

TolerantCount = Annotated[int | None, BeforeValidator(_count_or_none)]
"""A whole number, such as basis points or an output's index; None where it cannot be read."""

TolerantFlag = Annotated[bool | None, BeforeValidator(_flag_or_none)]
"""True or False; None for everything else."""

Probability = Annotated[float | None, BeforeValidator(_probability_or_none)]
"""A number from 0 to 1; None for everything else."""

Memo = Annotated[str | None, BeforeValidator(_memo)]
"""A deposit's memo or tag; a number becomes text. Strict: a deposit without its memo is never credited."""

Route = Annotated[list[str], BeforeValidator(_texts_only)]
"""The assets that an order passes through, for display; entries that are not text are left out."""

SubmitStatus = Annotated[str, BeforeValidator(_status_or_processing)]
"""The status in the answer to a submit; `processing`, the first status of every order, when there is none."""
