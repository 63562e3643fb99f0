"""The `baton` command, also as `python -m baton`; where the service is not installed, it says so in one sentence."""

import sys
from importlib.util import find_spec

SERVICE_PACKAGES = (
    "aiohttp",
    "alembic",
    "cryptography",
    "dotenv",
    "fastapi",
    "httptools",
    "jinja2",
    "opentelemetry",
    "prometheus_client",
    "psycopg",
    "pydantic_settings",
    "rich",
    "segno",
    "sniffio",
    "sqlalchemy",
    "starlette",
    "structlog",
    "typer",
    "uvicorn",
)
"""What the extra `service` brings, by import name. Commands import some of it late, so all of it is checked first."""


def run() -> int:
    """Run the `baton` command; return its exit code, or 2 where the extra `service` is not installed."""
    missing = [name for name in SERVICE_PACKAGES if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"error: the `baton` command needs packages that are not installed ({', '.join(missing)}); "
            "install `baton-orders[service]`\n"
        )
        return 2
    from baton.cli.main import run as run_command

    return run_command()


if __name__ == "__main__":
    sys.exit(run())
