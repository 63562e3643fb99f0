"""What of a document may be given away."""

import base64
import json

import pytest

from baton.redaction import remember
from baton.support.documents import LEFT_OUT, shareable


def payload(content: object, encoding: str = "json/plain") -> dict[str, object]:
    code = {"encoding": base64.b64encode(encoding.encode()).decode()}
    return {"metadata": code, "data": base64.b64encode(json.dumps(content).encode()).decode()}


def test_payloads_are_read_and_what_is_private_in_them_is_left_out() -> None:
    document = {"input": {"payloads": [payload({"reference": "a", "metadata": {"customer": "Ada"}, "payer": None})]}}
    assert shareable(document) == {
        "input": {"payloads": [{"reference": "a", "metadata": LEFT_OUT, "payer": None}]},
    }


def test_an_encrypted_payload_stays_closed() -> None:
    assert shareable(payload("secret text", "binary/encrypted")) == {"encoding": "binary/encrypted", "bytes": 15}


@pytest.mark.parametrize("where", ["message", "nested"])
def test_a_known_secret_is_blanked_out_at_any_depth(where: str) -> None:
    remember("whsec_of_this_test_alone")
    document = {where: [{"text": "signed with whsec_of_this_test_alone"}]}
    assert "whsec_of_this_test_alone" not in json.dumps(shareable(document))
