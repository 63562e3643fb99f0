"""Finds the service's programs: beside `baton/`, in a checkout or in the image, but never in the wheel.

The wheel does not install `workflows` and `worker`, because every Temporal application has modules with these names.
"""

from pathlib import Path

_BESIDE = Path(__file__).parents[2]
_PARTS = ("worker.py", "rehearse.py", "workflows/order.py", "activities/__init__.py")


class ServiceMissing(Exception):
    """Only the package is installed, without the service; the text says what to do."""


def rehearse_program(beside: Path = _BESIDE) -> Path:
    """Return the path of the program that replays histories with the service's code.

    Raises:
        ServiceMissing: The program is not there.
    """
    return worker_program(beside).with_name("rehearse.py")


def worker_program(beside: Path = _BESIDE) -> Path:
    """Return the path of the program that runs the worker.

    Raises:
        ServiceMissing: The program is not there.
    """
    if not all((beside / part).is_file() for part in _PARTS):
        raise ServiceMissing(
            "the installed package contains only the client; run the worker from a checkout of Baton or from its image"
        )
    return beside / "worker.py"
