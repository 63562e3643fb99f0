"""The longest test files come first, and the others keep their order."""

import pytest

from tests.file_order import LONGEST, rank_of
from tests.paths import ROOT


@pytest.mark.parametrize("name", LONGEST)
def test_a_file_that_is_called_long_exists(name: str) -> None:
    assert (ROOT / "tests" / name).is_file()


def test_long_files_come_first_and_others_keep_their_order() -> None:
    nodes = [f"tests/{name}::test" for name in ("orders/test_names.py", LONGEST[1], "test_settings.py", LONGEST[0])]

    ordered = sorted(nodes, key=rank_of)

    assert ordered == [nodes[3], nodes[1], nodes[0], nodes[2]]
