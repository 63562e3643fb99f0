"""The links of saved queries, and names of routes and accounts inside their text."""

from urllib.parse import parse_qs, urlsplit

from baton.orders.saved_queries import of_account, of_route, saved_queries, workflow_link


def test_a_link_opens_the_list_with_its_query() -> None:
    query = of_route("base:USDC>spark:BTC")
    link = urlsplit(query.link("http://127.0.0.1:8233/", "shop"))

    assert (link.netloc, link.path) == ("127.0.0.1:8233", "/namespaces/shop/workflows")
    assert parse_qs(link.query) == {"query": [query.query]}


def test_a_quote_in_a_name_cannot_end_its_literal() -> None:
    assert of_account("o'brien\\").query.endswith("BatonPartner = 'obrien'")


def test_the_link_of_a_workflow_keeps_its_id_in_one_piece() -> None:
    link = workflow_link("http://ui", "default", "order/default/r-1")

    assert link == "http://ui/namespaces/default/workflows/order%2Fdefault%2Fr-1"


def test_no_two_saved_queries_share_a_name_or_a_title() -> None:
    queries = saved_queries()

    assert len({query.name for query in queries}) == len({query.title for query in queries}) == len(queries)
