"""Paths of the repository and the fixtures."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The root of the repository."""

FIXTURES = ROOT / "tests" / "fixtures" / "orchestra"
"""Documented payloads of the partner API."""
