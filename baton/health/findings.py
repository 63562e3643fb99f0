"""What an examination finds. Pure.

A finding says what was looked at, how it is, what that means for orders and what a person does about it. Its check is a
stable name, so that an alarm can watch for it.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Level(StrEnum):
    """How bad a finding is, from harmless to serious."""

    OK = "ok"
    SKIPPED = "skipped"
    """It could not be examined, because something that it needs is missing; another finding says what."""
    WARNING = "warning"
    """Orders go on, but something should be done."""
    PROBLEM = "problem"
    """Orders stand still or cannot be placed, or will not when it counts."""


class CheckFinding(BaseModel):
    """The result of one check.

    Attributes:
        check: The check's name, such as `temporal.namespace`.
        subject: The account, chain or task queue that it is about; None for the whole installation.
        level: How bad it is.
        message: How it is, in one sentence.
        effect: What that means for orders; empty if all is well.
        remedy: The command or the setting that mends it; empty if all is well.
    """

    model_config = ConfigDict(frozen=True)

    check: str
    subject: str | None = None
    level: Level
    message: str
    effect: str = ""
    remedy: str = ""


def ok(check: str, message: str, subject: str | None = None) -> CheckFinding:
    """Return the finding that all is well."""
    return CheckFinding(check=check, subject=subject, level=Level.OK, message=message)


def skipped(check: str, message: str, subject: str | None = None) -> CheckFinding:
    """Return the finding that the check could not be made."""
    return CheckFinding(check=check, subject=subject, level=Level.SKIPPED, message=message)


def warning(check: str, message: str, effect: str, remedy: str, subject: str | None = None) -> CheckFinding:
    """Return the finding that something should be done while orders go on."""
    return CheckFinding(
        check=check, subject=subject, level=Level.WARNING, message=message, effect=effect, remedy=remedy
    )


def problem(check: str, message: str, effect: str, remedy: str, subject: str | None = None) -> CheckFinding:
    """Return the finding that orders stand still, or will when it counts."""
    return CheckFinding(
        check=check, subject=subject, level=Level.PROBLEM, message=message, effect=effect, remedy=remedy
    )
