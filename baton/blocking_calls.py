"""How the blocking client makes a call: the asynchronous client's method of that name, in the loop of a thread."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class CallThread(Protocol):
    """Runs calls in an event loop of its own."""

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a call and return its result."""
        ...


class BlockingCalls:
    """The base of what a blocking client has; each method runs the asynchronous client's own.

    Args:
        client: The asynchronous client.
        thread: Runs its calls.
    """

    def __init__(self, client: Any, thread: CallThread) -> None:
        self._client = client
        self._thread = thread

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return self._thread.run(call)


def blocking(
    method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[BlockingCalls, P], T]:
    """Return a method of the asynchronous client as one that blocks; it keeps name, arguments and docstring."""

    @wraps(method)
    def call(self: BlockingCalls, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._run(method(self._client, *args, **kwargs))

    return call
