"""Where the repository and the fixtures are, for tests anywhere in the tree."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The repository."""

FIXTURES = ROOT / "tests" / "fixtures" / "orchestra"
"""Documented payloads of the partner API."""
