"""Answers that several commands give."""

from typing import TYPE_CHECKING

from baton.cli.output import print_json, print_text

if TYPE_CHECKING:
    from baton.orders.answers import Standing


def tell_standing(reference: str, account: str, standing: "Standing", *, as_json: bool) -> None:
    """Print where an order stands after something was asked of it."""
    from baton.cli.views.rendering import standing_view

    if as_json:
        print_json({"reference": reference, "account": account, **standing.model_dump(mode="json")})
    else:
        print_text(standing_view(reference, account, standing))
