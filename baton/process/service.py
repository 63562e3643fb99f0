"""Where the service's own worker is: beside `baton/`, in a checkout or in the image, and never in the wheel.

Every Temporal application owns the names `workflows` and `worker`, so the package does not install them.
"""

from pathlib import Path

_BESIDE = Path(__file__).parents[2]
_PARTS = ("worker.py", "workflows/order.py", "activities/__init__.py")


class ServiceMissing(Exception):
    """The package is installed without the service around it; the text says what to do."""


def worker_program(beside: Path = _BESIDE) -> Path:
    """Return the path of the program that runs the worker.

    Raises:
        ServiceMissing: It is not there.
    """
    if not all((beside / part).is_file() for part in _PARTS):
        raise ServiceMissing(
            "the installed package holds the client alone; run the worker from a checkout of Baton or from its image"
        )
    return beside / "worker.py"
