"""The manifests for Kubernetes fit the code: settings, commands, version, times, and the rights of the pods."""

import re
from pathlib import PurePosixPath
from typing import Any

import pytest
from typer.main import get_command

from activities.share import Part
from baton.cli.commands.sandbox import app as sandbox_app
from baton.cli.main import app
from baton.settings import Settings
from baton.sizing import Workload, size
from baton.version import __version__
from tests.deploy.compose_file import SERVICES
from tests.kubernetes_manifests import FOLDER, OVERLAYS, Manifest, Pod, named, of_kind, overlay, pods, with_components
from tests.paths import ROOT

README = (FOLDER / "README.md").read_text(encoding="utf-8")
SECRETS, FILES = PurePosixPath("/etc/baton/secrets"), PurePosixPath("/etc/baton/files")
OF_THE_SDK = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY_FILE"}


@pytest.fixture(scope="module")
def all_components(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    names = sorted(path.parent.name for path in FOLDER.glob("components/*/kustomization.yaml"))
    return with_components(tmp_path_factory.mktemp("components"), *names)


def of_baton() -> list[Any]:
    """Return each pod of each overlay that runs Baton, with the overlay's manifests."""
    return [
        pytest.param(pod, overlay(name), id=f"{name}-{pod.owner}")
        for name in OVERLAYS
        for pod in pods(overlay(name))
        if pod.is_baton
    ]


each_pod = pytest.mark.parametrize(("pod", "manifests"), of_baton())


def known_settings() -> set[str]:
    """Return the variables that the code reads."""
    sources = [*(ROOT / "baton").glob("*settings.py"), ROOT / "baton/local/sandbox/command.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    of_account = {f"ORCHESTRA_{field.upper()}" for field in re.findall(r"^    (\w+): ", text, flags=re.MULTILINE)}
    of_sandbox = set(re.findall(r'envvar="(\w+)"', text))
    return (
        {f"BATON_{field.upper()}" for field in Settings.model_fields} | {"BATON_READY_FILE"} | of_account | of_sandbox
    )


@each_pod
def test_every_variable_is_a_setting(pod: Pod, manifests: list[Manifest]) -> None:
    assert set(pod.environment(manifests)) <= known_settings() | OF_THE_SDK


@each_pod
def test_no_secret_stands_in_a_variable(pod: Pod, manifests: list[Manifest]) -> None:
    secret = {name for name in pod.environment(manifests) if re.search("(KEY|KEYS|SECRET|TOKEN|PASSWORD)$", name)}
    references = {
        entry["name"] for entry in pod.container.get("env", []) if "secretKeyRef" in entry.get("valueFrom", {})
    }
    assert secret <= references
    assert "@" not in pod.environment(manifests).get("BATON_LEDGER_URL", "").partition("ledger@")[0]


@each_pod
def test_files_of_settings_are_keys_that_the_readme_creates(pod: Pod, manifests: list[Manifest]) -> None:
    created = set(re.findall(r"--from-(?:file|literal)=([\w.-]+)=", README))
    files = {
        value for name, value in pod.environment(manifests).items() if name.endswith("_FILE") and value != "/tmp/ready"
    }
    assert {PurePosixPath(file).name for file in files} <= created
    assert {PurePosixPath(file).parent for file in files} <= {SECRETS, FILES}


@each_pod
def test_the_build_is_that_of_the_image(pod: Pod, manifests: list[Manifest]) -> None:
    tag = pod.container["image"].rpartition(":")[2]
    assert pod.labels["app.kubernetes.io/version"] == tag
    assert tag == __version__ or pod.owner.endswith("-old")


@each_pod
def test_the_command_parses(pod: Pod, manifests: list[Manifest]) -> None:
    name, *arguments = pod.container["args"]
    command: Any = get_command(sandbox_app) if name == "sandbox" else get_command(app).commands[name]
    while name != "sandbox" and hasattr(command, "commands"):
        name, *arguments = arguments
        command = command.commands[name]
    command.make_context(name, list(arguments))


@each_pod
def test_pods_have_no_rights_beyond_their_work(pod: Pod, manifests: list[Manifest]) -> None:
    assert pod.spec["automountServiceAccountToken"] is False
    context = pod.spec["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"], context["runAsGroup"]) == (True, 10001, 10001)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod.container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_user_of_the_pods_is_the_image_s_own() -> None:
    assert re.findall(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE) == [
        ("10001", "10001")
    ]


@each_pod
def test_what_the_code_writes_goes_to_a_volume_of_bounded_size(pod: Pod, manifests: list[Manifest]) -> None:
    volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
    writable = {
        mount["mountPath"]: volumes[mount["name"]]
        for mount in pod.container["volumeMounts"]
        if not mount.get("readOnly")
    }
    assert "/var/lib/baton" in writable, "the home, and the working directory of the image"
    assert all("sizeLimit" in volume["emptyDir"] for volume in writable.values())
    if "BATON_READY_FILE" in pod.environment(manifests):
        assert "/tmp" in writable


def test_no_service_overwrites_a_setting(all_components: list[Manifest]) -> None:
    for manifests in (*map(overlay, OVERLAYS), all_components):
        assert of_kind(manifests, "Service")
        assert [pod.owner for pod in pods(manifests) if pod.spec["enableServiceLinks"]] == []


def test_every_container_has_requests_and_limits(all_components: list[Manifest]) -> None:
    for manifests in (*map(overlay, OVERLAYS), all_components):
        for pod in pods(manifests):
            resources = pod.container["resources"]
            for bound in ("requests", "limits"):
                assert set(resources[bound]) == {"cpu", "memory", "ephemeral-storage"}, pod.owner


def test_a_secret_is_mounted_as_a_folder_so_that_it_changes(all_components: list[Manifest]) -> None:
    for manifests in (*map(overlay, OVERLAYS), all_components):
        for pod in pods(manifests):
            assert [mount for mount in pod.container["volumeMounts"] if "subPath" in mount] == []


@each_pod
def test_pods_are_killed_later_than_their_own_grace(pod: Pod, manifests: list[Manifest]) -> None:
    if pod.labels["app.kubernetes.io/component"] not in ("worker", "gateway"):
        return
    variables = pod.environment(manifests)
    grace = float(variables["BATON_SHUTDOWN_GRACE"]) + float(variables.get("BATON_GATEWAY_DRAIN", 0))
    assert pod.spec["terminationGracePeriodSeconds"] >= grace + 10


def test_workers_of_two_versions_never_run_together_without_versioning() -> None:
    worker = named(overlay("production"), "Deployment", "baton-worker")
    assert worker["spec"]["strategy"] == {"type": "Recreate"}


def test_with_versioning_each_build_has_pods_of_its_own() -> None:
    for name in ("baton-worker", "baton-worker-old"):
        deployment = named(overlay("two-builds"), "Deployment", name)
        assert deployment["spec"]["strategy"]["type"] == "RollingUpdate"
        (pod,) = pods([deployment])
        build = next(entry for entry in pod.container["env"] if entry["name"] == "BATON_BUILD_ID")
        assert build["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels['app.kubernetes.io/version']"


def test_split_workers_serve_every_kind_of_queue_once(all_components: list[Manifest]) -> None:
    workers = [pod for pod in pods(all_components) if pod.labels["app.kubernetes.io/component"] == "worker"]
    served = [kind for pod in workers for kind in pod.environment(all_components)["BATON_ONLY"].split(",")]
    assert sorted(served) == sorted(Part)


def test_only_webhooks_and_payer_pages_are_reached_from_outside() -> None:
    ingress = named(overlay("production"), "Ingress", "baton")
    (rule,) = ingress["spec"]["rules"]
    assert {path["path"] for path in rule["http"]["paths"]} == {"/webhooks/orchestra/", "/pay/"}
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]


def test_the_trial_runs_the_postgresql_of_compose() -> None:
    (postgresql,) = [pod for pod in pods(overlay("sandbox")) if pod.owner == "postgresql"]
    assert postgresql.container["image"] == SERVICES["postgresql"]["image"]


def test_the_ingress_lets_the_webhooks_of_a_large_day_through() -> None:
    notes = named(overlay("production"), "Ingress", "baton")["metadata"]["annotations"]
    limit = int(notes["haproxy.org/rate-limit-requests"]) / int(
        notes["haproxy.org/rate-limit-period"].removesuffix("s")
    )
    assert limit > 4 * size(Workload(orders_per_day=100_000)).orchestra.peak_webhooks_per_second


def test_settings_of_an_overlay_replace_those_of_the_base() -> None:
    (worker,) = [pod for pod in pods(overlay("temporal-cloud")) if pod.owner == "baton-worker"]
    environment = worker.environment(overlay("temporal-cloud"))
    assert environment["TEMPORAL_API_KEY_FILE"] == str(SECRETS / "temporal-api-key")
    assert environment["TEMPORAL_ADDRESS"].endswith(":7233")
    assert environment["BATON_BIND"] == "0.0.0.0"


def test_whatever_is_not_allowed_is_closed_for_every_pod_of_baton() -> None:
    policies = of_kind(overlay("production"), "NetworkPolicy")
    (closed,) = [policy for policy in policies if not {"ingress", "egress"} & set(policy["spec"])]
    assert set(closed["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    labels = closed["spec"]["podSelector"]["matchLabels"].items()
    assert [pod.owner for pod in pods(overlay("production")) if not labels <= pod.labels.items()] == []


def test_the_pages_name_objects_and_components_that_there_are(all_components: list[Manifest]) -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    everything = [*all_components, *(manifest for name in OVERLAYS for manifest in overlay(name))]
    objects = {f"{manifest['kind'].lower()}/{manifest['metadata']['name']}" for manifest in everything}
    shown = re.findall(r"\b(deployment|job|cronjob|service|poddisruptionbudget)/(baton[\w-]*)", page)
    assert shown
    assert {f"{kind}/{name}" for kind, name in shown} <= objects
    waits = re.findall(r"^\$ (kubectl --namespace baton wait .*)$", page, flags=re.MULTILINE)
    assert [line for line in waits if "--timeout=" not in line] == [], "30 seconds by default, less than an image takes"
    components = {manifest["metadata"]["labels"].get("app.kubernetes.io/component") for manifest in everything}
    selected = re.findall(r"component(?:=| in \()([\w, -]+)", page)
    assert {name.strip() for names in selected for name in names.split(",")} <= components
    folders = {path.parent.name for path in FOLDER.glob("components/*/kustomization.yaml")}
    assert set(re.findall(r"^\| `([\w-]+)` \|", README, flags=re.MULTILINE)) == folders
