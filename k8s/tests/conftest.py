"""What `kubectl apply -k` would send, rendered once."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

K8S = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(K8S.parent))  # the registry is plain Python: it is read, not copied

Manifest = dict[str, Any]
OVERLAYS = {"production": "backend-prod", "staging": "backend-staging"}


class Cluster:
    """The objects of one overlay and its migration."""

    def __init__(self, name: str) -> None:
        self.name, self.namespace = name, OVERLAYS[name]
        self.objects: list[Manifest] = [*_render(f"overlays/{name}"), *_render(f"overlays/{name}/migrate")]

    def of_kind(self, *kinds: str) -> list[Manifest]:
        return [found for found in self.objects if found["kind"] in kinds]

    def named(self, kind: str) -> dict[str, Manifest]:
        return {found["metadata"]["name"]: found for found in self.of_kind(kind)}

    @property
    def pods(self) -> dict[str, Manifest]:
        """Every pod template by the kind and name of what makes it."""
        templates = {}
        for made in self.of_kind("Deployment", "Job"):
            templates[f"{made['kind']}/{made['metadata']['name']}"] = made["spec"]["template"]
        for made in self.of_kind("CronJob"):
            templates[f"CronJob/{made['metadata']['name']}"] = made["spec"]["jobTemplate"]["spec"]["template"]
        return templates


def _render(folder: str) -> list[Manifest]:
    done = subprocess.run(["kubectl", "kustomize", K8S / folder], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return [found for found in yaml.safe_load_all(done.stdout) if found]


@pytest.fixture(scope="session", params=OVERLAYS)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return _cluster(request.param)


@pytest.fixture(scope="session")
def production() -> Cluster:
    return _cluster("production")


_rendered: dict[str, Cluster] = {}


def _cluster(name: str) -> Cluster:
    if name not in _rendered:
        _rendered[name] = Cluster(name)
    return _rendered[name]
