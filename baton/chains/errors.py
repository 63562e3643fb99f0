"""What can go wrong with a provider of chain data. Texts name the provider by its host: its URL may hold a key."""


class ChainError(Exception):
    """A provider did not give what was asked. Trying again later, or another provider, may help.

    Attributes:
        code: A stable name of the cause.
        message: One sentence, without secrets.
        retry_after: Seconds that the provider asks to be left alone, where it said so.
    """

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


class NoProvider(ChainError):
    """The provider could not be reached, or did not answer in time."""


class Throttled(ChainError):
    """The provider asks for fewer calls."""


class ProviderBroken(ChainError):
    """The provider answered with an error of its own, or with something that is no answer."""


class RpcRefused(ChainError):
    """A JSON-RPC call was refused.

    Attributes:
        rpc_code: The error's number.
    """

    def __init__(self, code: str, message: str, rpc_code: int) -> None:
        super().__init__(code, message)
        self.rpc_code = rpc_code


class WrongChain(ChainError):
    """The provider serves another chain than the configuration says."""


class ChainConfigError(ValueError):
    """The configuration of chains cannot be used; the text names chain, field and remedy."""
