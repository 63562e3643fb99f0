"""Errors of providers of chain data. A message names the provider by its host, because its URL may hold a key."""

from baton.redaction import redacted

UNREADABLE = "unreadable"
"""Code of the error for an answer in a shape that cannot be read, although the provider answered."""


class ChainError(Exception):
    """A provider did not give what was requested. A later retry or another provider may help.

    Attributes:
        code: A stable name of the cause.
        message: One sentence, without secrets.
        retry_after: Seconds that the provider asks to wait, if it said so.
    """

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        self.code = code
        self.message = redacted(message)
        super().__init__(self.message)
        self.retry_after = retry_after


class NoProvider(ChainError):
    """The provider could not be reached, or did not answer in time."""


class Throttled(ChainError):
    """The provider's rate limit is reached."""


class ProviderBroken(ChainError):
    """The provider answered with an error of its own, or with something unusable."""


class RpcRefused(ChainError):
    """The provider refused a JSON-RPC call.

    Attributes:
        rpc_code: The error's number.
    """

    def __init__(self, code: str, message: str, rpc_code: int) -> None:
        super().__init__(code, message)
        self.rpc_code = rpc_code


class WrongChain(ChainError):
    """The provider serves a different chain than the configuration says."""


class ChainConfigError(ValueError):
    """The configuration of chains is unusable; the message names chain, field and remedy."""
