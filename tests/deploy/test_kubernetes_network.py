"""The network policies let pods reach what their commands and settings name, and nothing lets a stranger in."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kubernetes_manifests import OVERLAYS, Manifest, Pod, named, of_kind, overlay, pods

DIRECTIONS = {"Egress": ("egress", "to"), "Ingress": ("ingress", "from")}


def selects(selector: Manifest, pod: Pod) -> bool:
    """Return whether a selector of labels, as the manifests write them, selects a pod."""
    return bool(selector.get("matchLabels", {}).items() <= pod.labels.items())


def admits(rule: Manifest, side: str, peer: Pod, port: dict[str, Any]) -> bool:
    """Return whether a rule lets a pod of the same namespace through to a port of a container."""
    peers = rule.get(side)
    by_pod = peers is None or any(
        selects(each["podSelector"], peer)
        for each in peers
        if "podSelector" in each and "namespaceSelector" not in each
    )
    ports = rule.get("ports")
    by_port = ports is None or any(each["port"] in (port["name"], port["containerPort"]) for each in ports)
    return by_pod and by_port


def allowed(manifests: list[Manifest], direction: str, pod: Pod, peer: Pod, port: dict[str, Any]) -> bool:
    """Return whether the policies of a pod let it send to a peer, or get from it. Without a policy all passes."""
    field, side = DIRECTIONS[direction]
    policies = [
        policy["spec"]
        for policy in of_kind(manifests, "NetworkPolicy")
        if direction in policy["spec"]["policyTypes"] and selects(policy["spec"]["podSelector"], pod)
    ]
    rules = [rule for policy in policies for rule in policy.get(field, [])]
    return not policies or any(admits(rule, side, peer, port) for rule in rules)


def conversations(manifests: list[Manifest]) -> Iterator[tuple[Pod, Pod, dict[str, Any]]]:
    """Yield each pod with one that its command or settings name by its Service, and the port of that."""
    services = {service["metadata"]["name"] for service in of_kind(manifests, "Service")}
    for pod in pods(manifests):
        texts = [*pod.container.get("args", []), *pod.environment(manifests).values()]
        for host, number in set(re.findall(r"(?:^|//|@)([a-z-]+):(\d+)", "\n".join(texts), flags=re.MULTILINE)):
            if host in services:
                selector = named(manifests, "Service", host)["spec"]["selector"]
                (peer,) = [each for each in pods(manifests) if selector.items() <= each.labels.items()]
                (port,) = [each for each in peer.container["ports"] if each["containerPort"] == int(number)]
                yield pod, peer, port


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_pod_reaches_every_service_that_it_is_given(name: str) -> None:
    manifests = overlay(name)
    found = list(conversations(manifests))
    assert found
    for pod, peer, port in found:
        assert allowed(manifests, "Egress", pod, peer, port), f"{pod.owner} may not send to {peer.owner}"
        assert allowed(manifests, "Ingress", peer, pod, port), f"{peer.owner} gets nothing from {pod.owner}"


def test_the_conversations_of_the_trial_are_those_of_its_parts() -> None:
    names = {(pod.owner, peer.owner) for pod, peer, _ in conversations(overlay("sandbox"))}
    assert names == {("sandbox", "baton-gateway")} | {
        (baton, part) for baton in ("baton-worker", "baton-gateway") for part in ("temporal", "postgresql", "sandbox")
    }
    doctor = {(pod.owner, peer.owner) for pod, peer, _ in conversations(overlay("production"))}
    assert doctor == {("baton-doctor", "baton-gateway")}


def test_another_pod_of_the_namespace_reaches_no_pod_of_baton() -> None:
    manifests = overlay("production")
    stranger = Pod("stranger", {"app": "other"}, {"containers": [{}]})
    for pod in pods(manifests):
        for port in pod.container.get("ports", []):
            assert not allowed(manifests, "Ingress", pod, stranger, port), pod.owner
