"""What can keep the local stack from running, as one tree.

StackError
├── PortTaken       something listens where the stack wants to
├── HomeInUse       another stack runs on the same home folder
├── EngineMissing   no Temporal binary, and none could be fetched
├── NodesMissing    no chain node can be had for a demo on real chains
├── ChildDied       a process of the stack ended by itself
├── ChildNotReady   a process runs but did not become ready in time
└── Interrupted     a signal asked the stack to end
"""

import signal


class StackError(Exception):
    """The local stack cannot run; the text is one message for people and says the remedy where there is one."""


class PortTaken(StackError):
    """A port that the stack needs cannot be bound.

    Attributes:
        port: The port's number.
        setting: Name of the setting that chooses it.
    """

    def __init__(self, *, port: int, owner: str, setting: str, reason: str, remedy: str) -> None:
        super().__init__(f"Port {port}, wanted by {owner}, {reason}. {remedy}")
        self.port = port
        self.setting = setting


class HomeInUse(StackError):
    """Another stack keeps its data in the same folder."""


class EngineMissing(StackError):
    """There is no Temporal binary, and the SDK could not fetch one."""


class NodesMissing(StackError):
    """None of the chain nodes that the demo pays on can be had."""


class ChildDied(StackError):
    """A process of the stack ended although nobody asked it to.

    Attributes:
        name: The process's name in the stack.
        code: Its exit code; negative where a signal ended it.
    """

    def __init__(self, name: str, code: int, log_tail: str) -> None:
        super().__init__(f"{name} {_how_it_ended(code)}. {log_tail}")
        self.name = name
        self.code = code


class ChildNotReady(StackError):
    """A process of the stack runs but was not ready before its deadline.

    Attributes:
        name: The process's name in the stack.
    """

    def __init__(self, name: str, seconds: float, log_tail: str) -> None:
        super().__init__(f"{name} was not ready within {seconds:g} seconds. {log_tail}")
        self.name = name


class Interrupted(StackError):
    """A signal asked the stack to end before its work was done.

    Attributes:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number

    @property
    def exit_code(self) -> int:
        """Return the exit code that shells expect after this signal."""
        return 128 + self.number


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
