"""The manifests for Kubernetes have the form that its API takes, and their parts refer to one another."""

from copy import deepcopy
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.kubernetes_manifests import (
    FOLDER,
    OVERLAYS,
    Manifest,
    named,
    of_kind,
    overlay,
    pods,
    with_components,
)

VERSION = "1.37"
OF_OPERATORS = {"monitoring.coreos.com/v1"}
"""Kinds that a cluster has only with an operator, whose schemas Kubernetes does not have."""

each_overlay = pytest.mark.parametrize("name", OVERLAYS)


@pytest.fixture(scope="module")
def all_components(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    names = sorted(path.parent.name for path in FOLDER.glob("components/*/kustomization.yaml"))
    return with_components(tmp_path_factory.mktemp("components"), *names)


def check(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        if manifest["apiVersion"] not in OF_OPERATORS:
            kubernetes_validate.validate(manifest, VERSION, strict=True)


@each_overlay
def test_kubernetes_accepts_each_manifest_of_the_overlays(name: str) -> None:
    check(overlay(name))


def test_kubernetes_accepts_each_manifest_of_the_components(all_components: list[Manifest]) -> None:
    check(all_components)


@pytest.mark.parametrize("fault", [{"replica": 2}, {"replicas": "2"}, {"paused": "yes"}])
def test_a_field_that_is_unknown_or_of_another_type_is_found(fault: Manifest) -> None:
    worker = deepcopy(named(overlay("production"), "Deployment", "baton-worker"))
    worker["spec"] |= fault
    with pytest.raises(kubernetes_validate.ValidationError):
        check([worker])


def test_every_overlay_of_the_folder_is_checked() -> None:
    assert {path.parent.name for path in FOLDER.glob("overlays/*/kustomization.yaml")} == set(OVERLAYS)


@each_overlay
def test_every_object_is_in_the_namespace(name: str) -> None:
    outside = [manifest for manifest in overlay(name) if manifest["kind"] != "Namespace"]
    assert {manifest["metadata"].get("namespace") for manifest in outside} == {"baton"}


@each_overlay
def test_pods_use_settings_and_accounts_that_are_applied_too(name: str) -> None:
    for pod in pods(overlay(name)):
        pod.environment(overlay(name))
        if pod.is_baton and "serviceAccountName" in pod.spec:
            named(overlay(name), "ServiceAccount", pod.spec["serviceAccountName"])


def selected(manifests: list[Manifest], labels: dict[str, str]) -> set[str]:
    return {pod.owner for pod in pods(manifests) if labels.items() <= pod.labels.items()}


def test_each_selector_selects_the_pods_of_one_deployment(all_components: list[Manifest]) -> None:
    for manifests in (*map(overlay, OVERLAYS), all_components):
        for kind in ("Deployment", "PodDisruptionBudget"):
            for manifest in of_kind(manifests, kind):
                labels = manifest["spec"]["selector"]["matchLabels"]
                assert selected(manifests, labels) == {manifest["metadata"]["name"]}
        for service in of_kind(manifests, "Service"):
            assert selected(manifests, service["spec"]["selector"]) == {service["metadata"]["name"]}


def test_ports_by_name_exist_in_the_pods_behind_them(all_components: list[Manifest]) -> None:
    for manifests in (*map(overlay, OVERLAYS), all_components):
        for service in of_kind(manifests, "Service"):
            (pod,) = [pod for pod in pods(manifests) if service["spec"]["selector"].items() <= pod.labels.items()]
            exposed = {port["name"] for port in pod.container["ports"]}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= exposed
        for ingress in of_kind(manifests, "Ingress"):
            for path in ingress["spec"]["rules"][0]["http"]["paths"]:
                backend = path["backend"]["service"]
                service = named(manifests, "Service", backend["name"])
                assert backend["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}


def test_monitors_name_ports_of_the_pods_they_select(all_components: list[Manifest]) -> None:
    monitors = of_kind(all_components, "PodMonitor")
    assert len(monitors) == 2
    for monitor in monitors:
        labels = monitor["spec"]["selector"]["matchLabels"]
        for pod in pods(all_components):
            if labels.items() <= pod.labels.items():
                exposed = {port["name"] for port in pod.container["ports"]}
                assert {endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]} <= exposed


def test_every_file_of_the_folder_is_used() -> None:
    used: set[Path] = set()
    for file in FOLDER.rglob("kustomization.yaml"):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        used |= {(file.parent / name).resolve() for name in document.get("resources", [])}
    manifests = {path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml"}
    assert {path for path in manifests if path.parent.name != "examples"} <= used
