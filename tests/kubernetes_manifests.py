"""The manifests under deploy/kubernetes, as `kubectl kustomize` renders them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.paths import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("sandbox", "production", "temporal-cloud", "two-builds")
KUBECTL = Path(sys.executable).with_name("kubectl")

Manifest = dict[str, Any]


def render(folder: Path) -> list[Manifest]:
    """Return what a folder with a kustomization applies."""
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "kustomize warns of what it will drop"
    # The loader in C takes a twentieth of the time; every process of the tests reads the overlays to know their pods.
    return list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


@cache
def overlay(name: str) -> list[Manifest]:
    """Return what an overlay applies."""
    return render(FOLDER / "overlays" / name)


def with_components(folder: Path, *names: str) -> list[Manifest]:
    """Return what the base applies with these components, from a kustomization that is written into a folder."""
    beside = Path(os.path.relpath(FOLDER, folder.resolve()))
    document = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "baton",
        "resources": [str(beside / "base")],
        "components": [str(beside / "components" / name) for name in names],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(document))
    return render(folder)


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    """Return the manifests of one kind."""
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    """Return the one manifest of this kind and name."""
    (found,) = [manifest for manifest in of_kind(manifests, kind) if manifest["metadata"]["name"] == name]
    return found


@dataclass(frozen=True)
class Pod:
    """The template of the pods of a Deployment, Job or CronJob, which have one container each."""

    owner: str
    labels: dict[str, str]
    spec: dict[str, Any]

    @property
    def container(self) -> dict[str, Any]:
        """The container."""
        (container,) = self.spec["containers"]
        return container

    @property
    def is_baton(self) -> bool:
        """Whether it runs Baton's image."""
        return self.container["image"].rpartition("/")[2].startswith("baton:")

    def environment(self, manifests: list[Manifest]) -> dict[str, str]:
        """Return its variables as the container gets them; those of a Secret or a label without their values."""
        variables: dict[str, str] = {}
        for source in self.container.get("envFrom", []):
            variables |= named(manifests, "ConfigMap", source["configMapRef"]["name"])["data"]
        return variables | {entry["name"]: entry.get("value", "") for entry in self.container.get("env", [])}


def pods(manifests: list[Manifest]) -> Iterator[Pod]:
    """Yield every template of pods."""
    for manifest in manifests:
        spec = manifest.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            template = spec["template"]
            yield Pod(manifest["metadata"]["name"], template["metadata"]["labels"], template["spec"])
