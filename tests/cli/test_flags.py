"""The help shows what an option takes, and nothing behind a flag."""

from typer.testing import CliRunner

from baton.cli.main import app


def test_a_flag_has_no_type_in_the_help() -> None:
    text = CliRunner().invoke(app, ["policy", "try", "--help"]).output
    assert "--history" in text
    assert "WHEN" in text
    assert "<bool>" not in text
