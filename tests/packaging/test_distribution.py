"""What the wheel and the source distribution hold, and what they say of themselves."""

import re
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from importlib.metadata import packages_distributions

from baton import __version__
from baton.__main__ import SERVICE_PACKAGES
from tests.packaging.conftest import Distribution
from tests.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DATA = ("catalogue.toml", "surfnet.cjs", "token.json", "Token.sol", "py.typed")


def metadata(distribution: Distribution) -> Message:
    with zipfile.ZipFile(distribution.wheel) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(wheel.read(name))


def test_the_wheel_holds_the_package_alone(distribution: Distribution) -> None:
    with zipfile.ZipFile(distribution.wheel) as wheel:
        names = [name for name in wheel.namelist() if not name.endswith("/")]

    assert {name.split("/")[0] for name in names} == {"baton", f"baton_orders-{__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name]
    modules = {str(file.relative_to(ROOT)) for file in (ROOT / "baton").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules


def test_the_wheel_holds_the_data_files_and_the_licence(distribution: Distribution) -> None:
    with zipfile.ZipFile(distribution.wheel) as wheel:
        names = wheel.namelist()

    assert [file for file in DATA if not any(name.endswith(f"/{file}") for name in names)] == []
    assert f"baton_orders-{__version__}.dist-info/licenses/LICENSE" in names


def test_the_sdist_holds_what_the_wheel_is_built_from(distribution: Distribution) -> None:
    with tarfile.open(distribution.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    assert {"LICENSE", "README.md", "pyproject.toml", "baton/client.py", "baton/chains/catalogue.toml"} <= names
    tops = {name.split("/")[0] for name in names}
    assert not tops & {"tests", "workflows", "activities", ".venv", ".env", "deploy"}


def test_the_metadata_is_complete(distribution: Distribution) -> None:
    fields = metadata(distribution)

    assert (fields["Name"], fields["Version"], fields["License-Expression"]) == (
        "baton-orders",
        __version__,
        "MIT",
    )
    assert fields["Summary"]
    assert fields["Description-Content-Type"] == "text/markdown"
    assert "Typing :: Typed" in (fields.get_all("Classifier") or [])


def test_a_business_app_needs_three_libraries(distribution: Distribution) -> None:
    required = metadata(distribution).get_all("Requires-Dist") or []

    base = {re.split(r"[^\w-]", line)[0] for line in required if "extra ==" not in line}
    assert base == {"httpx", "pydantic", "temporalio"}


def test_the_command_checks_for_all_that_the_extra_brings() -> None:
    service = PROJECT["optional-dependencies"]["service"]
    everywhere = {re.split(r"[^\w-]", line)[0] for line in service if ";" not in line}

    by_import = packages_distributions()
    # Several distributions share one import name, as those of OpenTelemetry do.
    brought = [{own.lower().replace("_", "-") for own in by_import[name]} & everywhere for name in SERVICE_PACKAGES]
    assert all(brought)
    assert set().union(*brought) == everywhere


def test_the_compose_file_names_the_image_by_the_version() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"image: baton:{__version__}\n" in compose
