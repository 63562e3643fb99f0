"""Why Temporal cannot be reached or refused a call, in one sentence with its remedy. Pure.

The SDK's native part reports a failed connection as the dump of nested errors of another language. Nobody should read
it: what happened is told apart here, and what is not known is cut to its innermost message.
"""

import re
from typing import NamedTuple

from temporalio.service import RPCError, RPCStatusCode

from baton.redaction import without_login

_QUOTED = re.compile(r'(?:message|error): "([^"]+)"')
_NAMED = re.compile(r"error: ([A-Z]\w+\(\w+\))")
_DUMP = re.compile(r"[\w:]+\(|\w+ \{")
"""What the native part's dumps of nested errors look like; the innermost one says what happened."""

_ADDRESS = re.compile(r"\[?[^\s/\[\]]+\]?:\d{1,5}")

CHECK_ADDRESS = "start the server or set TEMPORAL_ADDRESS"
CHECK_KEY = "check TEMPORAL_API_KEY, or the certificate of TEMPORAL_TLS_CLIENT_CERT_PATH"

_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"InvalidContentType|WRONG_VERSION|corrupt message",
        "the server does not speak TLS there",
        "unset TEMPORAL_TLS and TEMPORAL_API_KEY, which turns TLS on, or set the address of the TLS port",
    ),
    (
        r"UnknownIssuer|CaUsedAsEndEntity|BadSignature|UnknownCA",
        "the server's certificate is not signed by an authority that this machine trusts",
        "set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the authority's certificate",
    ),
    (
        r"NotValidForName",
        "the server's certificate is for another name",
        "set TEMPORAL_TLS_SERVER_NAME to the name in the certificate, or correct TEMPORAL_ADDRESS",
    ),
    (r"Expired|NotValidYet", "the server's certificate is not valid at this time", "renew it, or correct the clock"),
    (r"CertificateRequired|HandshakeFailure|BadCertificate", "the server refuses this client's certificate", CHECK_KEY),
    (r"lookup address|dns error", "there is no host of this name", "correct TEMPORAL_ADDRESS"),
    (
        r"broken pipe|stream closed|h2 protocol|http2 error|FRAME_SIZE|invalid compression|frame with invalid"
        r"|operation was canceled",
        "what answers there is not Temporal, or it expects TLS",
        "correct TEMPORAL_ADDRESS, or set TEMPORAL_TLS=true",
    ),
    (r"Connection refused", "nothing listens there", CHECK_ADDRESS),
    (r"timed out|deadline", "it did not answer in time", "check TEMPORAL_ADDRESS and the server"),
)
"""What the native part's dump contains, what it means, and the remedy; the first one that fits counts."""


class ServerFailure(NamedTuple):
    """Why the server cannot be used: a stable code, what happened, and the remedy."""

    code: str
    message: str
    remedy: str


def address_objection(address: str) -> ServerFailure | None:
    """Return what is wrong with the way an address is written; None if nothing is."""
    if "://" in address:
        message = f"TEMPORAL_ADDRESS {without_login(address)} has a scheme"
        return ServerFailure("temporal_unavailable", message, "write HOST:PORT, and set TEMPORAL_TLS=true for TLS")
    if "@" in address:
        message = f"TEMPORAL_ADDRESS has a user before {without_login(address)}"
        return ServerFailure("temporal_unavailable", message, "write HOST:PORT; a key belongs into TEMPORAL_API_KEY")
    if not _ADDRESS.fullmatch(address):
        message = f"TEMPORAL_ADDRESS {address} is not an address"
        return ServerFailure("temporal_unavailable", message, "write HOST:PORT, such as localhost:7233")
    return None


def connect_failure(error: BaseException, address: str, namespace: str, *, has_certificate: bool) -> ServerFailure:
    """Return why no connection was made.

    Args:
        error: What the SDK raised.
        address: The server's address.
        namespace: The namespace of the configuration.
        has_certificate: Whether the configuration names a client certificate or an authority.
    """
    text = str(error)
    if refused := _refused_status(text, address, namespace):
        return refused
    at = f"Temporal cannot be reached at {address}: "
    for pattern, meaning, remedy in _CAUSES:
        if re.search(pattern, text):
            return ServerFailure("temporal_unavailable", at + meaning, remedy)
    if has_certificate and text.startswith("Failed client connect"):
        remedy = "check that the files of TEMPORAL_TLS_* hold a certificate and its key in PEM"
        return ServerFailure("temporal_unavailable", f"{at}the TLS certificate or key cannot be used", remedy)
    return ServerFailure("temporal_unavailable", at + reason_of(error), CHECK_ADDRESS)


def _refused_status(text: str, address: str, namespace: str) -> ServerFailure | None:
    """Return the failure of a server that was reached and refused the first call; None if it did not."""
    lowered = text.replace(" ", "").replace("_", "").lower()
    for status in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED):
        name = status.name.replace("_", "").lower()
        if name in lowered or f"'code':'{name}" in lowered:
            return _refused(f"Temporal at {address}", namespace)
    if "unimplemented" in lowered:
        return ServerFailure("temporal_unavailable", f"what answers at {address} is not Temporal", CHECK_ADDRESS)
    return None


def _refused(who: str, namespace: str) -> ServerFailure:
    message = f"{who} refuses access to namespace {namespace!r}"
    return ServerFailure("temporal_refused", message, CHECK_KEY)


def lacks_namespace(error: RPCError) -> bool:
    """Whether the server answered that it does not have the namespace, rather than the workflow."""
    return error.status is RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace ")


def answer_failure(error: RPCError, namespace: str) -> ServerFailure:
    """Return the failure for what the server answered to a call.

    Args:
        error: The answer.
        namespace: The namespace of the call.
    """
    answered = f"Temporal answered: {reason_of(error).rstrip('.')}"
    match error.status:
        case RPCStatusCode.NOT_FOUND if lacks_namespace(error):
            create = f"create it (`temporal operator namespace create -n {namespace}`), or set TEMPORAL_NAMESPACE"
            return ServerFailure("namespace_missing", f"Temporal has no namespace {namespace!r}", create)
        case RPCStatusCode.PERMISSION_DENIED | RPCStatusCode.UNAUTHENTICATED:
            return _refused("Temporal", namespace)
        case RPCStatusCode.RESOURCE_EXHAUSTED:
            remedy = "wait a moment and try again, or raise the namespace's limits"
            return ServerFailure("temporal_busy", f"Temporal takes no more calls for now: {reason_of(error)}", remedy)
        case RPCStatusCode.UNAVAILABLE:
            return ServerFailure("temporal_unavailable", "Temporal does not answer", "check TEMPORAL_ADDRESS")
        case RPCStatusCode.INVALID_ARGUMENT:
            return ServerFailure("temporal_error", answered, "check the settings TEMPORAL_* and what was asked")
        case _:
            return ServerFailure("temporal_error", answered, "see the log of the Temporal server")


def reason_of(error: BaseException) -> str:
    """Return what happened, in one line, out of the dump of nested errors that the SDK's native part gives."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if quoted := _QUOTED.findall(text):
        return str(quoted[-1])
    if named := _NAMED.findall(text):
        return str(named[-1])
    return _DUMP.split(text)[0].rstrip(" :`")
