"""The alarms: Prometheus accepts them, each fires and stays silent when it should, and each has its runbook."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from baton.affiliates.attention import CLAIM_UNANSWERED, PAYOUT_OVERDUE
from baton.cli.main import app
from baton.notifications.attention import REASON as ENDPOINT_DISABLED
from baton.orders.rules.attention import AttentionReason
from baton.sources.rules.attention import SourceReason
from tests.metrics.expressions import FOLDER, alarms, panels
from tests.paths import ROOT

RUNBOOKS = ROOT / "docs" / "runbooks"
PROMTOOL = shutil.which("promtool")
REASONS = {*AttentionReason, *SourceReason, CLAIM_UNANSWERED, PAYOUT_OVERDUE, ENDPOINT_DISABLED}


def promtool(*arguments: str) -> str:
    if PROMTOOL is None:
        assert os.environ.get("BATON_REQUIRE_PROMTOOL") != "1", (
            "promtool is missing (Debian: apt-get install prometheus)"
        )
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    done = subprocess.run([PROMTOOL, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_accepts_its_configuration_with_the_rules() -> None:
    assert f"{len(alarms())} rules found" in promtool("check", "config", "prometheus.yml")


def test_each_alarm_fires_and_stays_silent_when_it_should() -> None:
    promtool("test", "rules", "rules.test.yml")


def test_each_alarm_has_a_test_of_both() -> None:
    tests = yaml.safe_load((FOLDER / "rules.test.yml").read_text(encoding="utf-8"))["tests"]
    names = [test["name"] for test in tests]

    for alarm in alarms():
        assert names.count(f"{alarm} fires") == 1
        assert len([name for name in names if name.startswith(f"{alarm} stays silent: ")]) == 1
    assert len(names) == 2 * len(alarms())


def test_each_alarm_has_a_page_and_each_page_an_alarm() -> None:
    named = {name: rule["annotations"]["runbook"] for name, rule in alarms().items()}
    pages = {str(page.relative_to(ROOT)): page for page in (RUNBOOKS / "alarms").glob("*.md")}

    assert sorted(named.values()) == sorted(pages)
    for name, page in named.items():
        assert pages[page].read_text(encoding="utf-8").startswith(f"# {name}\n")


def test_each_reason_for_attention_has_a_page_and_each_page_a_reason() -> None:
    pages = {page.stem: page.read_text(encoding="utf-8") for page in (RUNBOOKS / "attention").glob("*.md")}

    assert sorted(pages) == sorted(REASONS)
    for reason, text in pages.items():
        assert text.startswith(f"# `{reason}`\n")


def test_the_index_links_every_page() -> None:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(((?:alarms|attention)/[\w-]+\.md)\)", index))

    assert linked == {str(page.relative_to(RUNBOOKS)) for page in RUNBOOKS.glob("*/*.md")}


def test_no_sentence_of_a_runbook_stands_twice() -> None:
    pages = [*RUNBOOKS.glob("**/*.md"), ROOT / "docs" / "attention.md", ROOT / "docs" / "operating.md"]
    places: dict[str, set[str]] = {}
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for sentence in re.split(r"(?<=[.:])\s+|\n\n|\|", text):
            plain = " ".join(sentence.split())
            if len(plain) > 40:
                places.setdefault(plain, set()).add(page.name)

    assert {sentence: found for sentence, found in places.items() if len(found) > 1} == {}


def test_each_panel_has_a_title_and_a_legend() -> None:
    assert len(panels()) > 20
    for title, targets in panels().items():
        assert targets, title
        assert all(target["legendFormat"] for target in targets), title


def commands_in(text: str) -> list[list[str]]:
    """Return every command of Baton that a page shows, in words."""
    spans = [*re.findall(r"`(baton [^`]+)`", text), *re.findall(r"^(baton .+)$", text, re.MULTILINE)]
    return [shlex.split(span)[1:] for span in spans]


def complaint(words: list[str]) -> str | None:
    """Return what is wrong with a command, or None."""
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    if command.name is None or (hasattr(command, "commands") and words):
        return f"no such command: {words}"
    known = {option for parameter in command.params for option in parameter.opts}
    return next((f"no such option: {word}" for word in words if word.startswith("--") and word not in known), None)


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("**/*.md")), ids=lambda page: page.stem)
def test_every_command_of_a_runbook_exists(page: Path) -> None:
    commands = commands_in(page.read_text(encoding="utf-8"))

    assert [found for words in commands if (found := complaint(words))] == []
