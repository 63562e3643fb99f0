"""The errors of the local stack, as one tree.

StackError
├── PortTaken       another program listens on a port of the stack
├── HomeInUse       another stack runs on the same home folder
├── EngineMissing   no Temporal program, and none could be downloaded
├── NodesMissing    no chain node is available for a demo on real chains
├── ChildDied       a process of the stack ended by itself
├── ChildNotReady   a process runs but did not become ready in time
└── Interrupted     a signal asked the stack to end
"""

import signal


class StackError(Exception):
    """The local stack cannot run; the text is one message for people, with the remedy if there is one."""


class PortTaken(StackError):
    """A port that the stack needs cannot be bound.

    Attributes:
        port: The port's number.
        setting: Name of the setting that chooses the port.
    """

    def __init__(self, *, port: int, owner: str, setting: str, reason: str, remedy: str) -> None:
        super().__init__(f"Port {port}, wanted by {owner}, {reason}. {remedy}")
        self.port = port
        self.setting = setting


class HomeInUse(StackError):
    """Another stack keeps its data in the same folder."""


class EngineMissing(StackError):
    """There is no Temporal program, and the SDK could not download one."""


class NodesMissing(StackError):
    """None of the chain nodes that the demo pays on is available."""


class ChildDied(StackError):
    """A process of the stack ended by itself.

    Attributes:
        name: The process's name in the stack.
        code: Its exit code, negative if a signal ended it.
    """

    def __init__(self, name: str, code: int, log_tail: str) -> None:
        super().__init__(f"{name} {_how_it_ended(code)}. {log_tail}")
        self.name = name
        self.code = code


class ChildNotReady(StackError):
    """A process of the stack runs, but was not ready before its deadline.

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
        """The exit code that shells expect after this signal."""
        return 128 + self.number


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
