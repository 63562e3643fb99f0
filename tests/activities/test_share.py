"""Which task queues a worker process serves by its settings."""

import pytest

from activities.share import Part, Share
from baton.process.worker_set import WorkerPlan
from baton.settings import Settings, SettingsError

QUEUES = (
    "baton",
    "baton-watch",
    "baton-partner-a",
    "baton-poll-a",
    "baton-partner-b",
    "baton-poll-b",
    "baton-partner-baton-poll-a",
    "baton-notify-shop",
)


def served(**settings: object) -> set[str]:
    share = Share.of(Settings.model_validate(settings), {"a", "b", "baton-poll-a"})
    return set(share.of_plans({queue: WorkerPlan((), NotImplemented) for queue in QUEUES}))


def test_a_process_without_settings_serves_everything() -> None:
    assert served() == set(QUEUES)


@pytest.mark.parametrize("part", list(Part))
def test_each_kind_can_be_served_alone_and_all_of_them_are_everything(part: Part) -> None:
    own = served(only=str(part))
    assert own
    others = served(only=",".join(other for other in Part if other is not part))
    assert (own | others, own & others) == (set(QUEUES), set())


def test_accounts_narrow_only_the_accounts_own_queues() -> None:
    left_out = {"baton-partner-b", "baton-poll-b", "baton-partner-baton-poll-a"}
    assert served(accounts="a") == set(QUEUES) - left_out
    assert served(accounts="a", only="partner,polls") == {"baton-partner-a", "baton-poll-a"}


def test_an_account_that_there_is_not_is_named() -> None:
    with pytest.raises(SettingsError, match="BATON_ACCOUNTS: there is no account 'c'; the settings have a, b"):
        Share.of(Settings(accounts=["c"]), {"a", "b"})


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="only"):
        Settings.model_validate({"only": "workflow"})
