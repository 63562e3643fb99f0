"""How the providers of a chain are doing, as the reader that falls back between them knows it. Pure."""

from pydantic import BaseModel


class ProviderState(BaseModel):
    """One provider of a chain.

    Attributes:
        name: Its host; its URL may hold a key.
        resting_seconds: How long the others are still asked first, because it failed; 0 if it is asked in its turn.
        excluded: Whether it serves another chain and is never asked again.
        error: Why it rests or is excluded.
    """

    name: str
    resting_seconds: float = 0.0
    excluded: bool = False
    error: str | None = None

    def __str__(self) -> str:
        return f"{self.name} rests ({self.error})" if self.error else self.name
