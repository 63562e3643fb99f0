"""Signatures verify with the scheme's own package, with every secret that is valid, and with no other."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from baton.notifications.signing import SecretMalformed, key_of, new_secret, signed_headers

BODY = '{"type":"order.completed","note":"größer"}'.encode()


def test_a_signature_verifies_with_the_package_of_the_scheme() -> None:
    secret = new_secret()
    headers = signed_headers("evt_1", datetime.now(UTC), BODY, [secret])
    assert Webhook(secret).verify(BODY, headers)["type"] == "order.completed"


def test_each_of_two_secrets_verifies_while_one_is_rotated() -> None:
    new, old = new_secret(), new_secret()
    headers = signed_headers("evt_1", datetime.now(UTC), BODY, [new, old])
    for secret in (new, old):
        Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


def test_a_changed_body_does_not_verify() -> None:
    secret = new_secret()
    headers = signed_headers("evt_1", datetime.now(UTC), BODY, [secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "whsec_" + "QUFB" * 40])
def test_what_is_no_secret_of_the_scheme_is_refused(secret: str) -> None:
    with pytest.raises(SecretMalformed, match="whsec_"):
        key_of(secret)
