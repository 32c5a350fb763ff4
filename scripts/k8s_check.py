"""`make k8s-check`: what can be said of pods, image and compose files without a cluster, an engine or a network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from scripts import steps

ROOT = Path(__file__).resolve().parent.parent
K8S = ROOT / "k8s"
BUILT = K8S / "build"
TOOLS = K8S / ".venv"
CHECKOV = ROOT / "infra" / "cdk" / ".venv-checkov"
VERSION = "1.36"  # of Kubernetes
OVERLAYS = ("production", "staging", "production/migrate", "staging/migrate")
# No bound on the processor: it would slow what could run. Secrets as variables: config/env.py is their only reader.
NOT_OURS = "CKV_K8S_11,CKV_K8S_35"
# Whoever runs a container asks for its health, on its own port. The base's tag stands in an argument, where none looks.
NOT_THE_IMAGES = "CKV_DOCKER_2,CKV_DOCKER_7"
# What whoever starts them is asked for; nothing is read from here.
ASKED_FOR = {
    "JWT_SIGNING_KEYS": "-----BEGIN",
    "LEARNINGHUB_IMAGE": f"learninghub@sha256:{'0' * 64}",
    "SETTINGS_FILE": os.devnull,
    **{f"{name}_DIGEST": f"sha256:{'0' * 64}" for name in ("POSTGRES", "REDIS", "RABBITMQ", "NGINX")},
}


def main() -> int:
    if shutil.which("kubectl") is None:
        print("kubectl is not installed: the manifests cannot be rendered, so nothing of k8s/ was checked.")
        return 1 if os.environ.get("CI") else 0
    BUILT.mkdir(exist_ok=True)
    tools, checkov = TOOLS / "bin", CHECKOV / "bin" / "checkov"
    pytest = (tools / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull)
    production = _rendered("production")
    return steps.run(
        [
            *((f"render {overlay}", _render(overlay)) for overlay in OVERLAYS),
            ("manifests", (*pytest, K8S / "tests")),
            *((f"schemas of {overlay}", _schemas(tools, overlay)) for overlay in OVERLAYS),
            ("checkov, kubernetes", (checkov, "-f", production, "--framework", "kubernetes", *_quiet(NOT_OURS))),
            ("yamllint", (tools / "yamllint", "-c", ROOT / ".yamllint.yaml", *_yaml())),
            *_of_the_image(tools, checkov),
            *_of_compose(),
        ],
        env=os.environ | ASKED_FOR,
    )


def _rendered(overlay: str) -> Path:
    return BUILT / f"{overlay.replace('/', '-')}.yaml"


def _render(overlay: str) -> Callable[[], None]:
    def render() -> None:
        with _rendered(overlay).open("w") as file:
            subprocess.run(["kubectl", "kustomize", K8S / "overlays" / overlay], stdout=file, check=True)

    return render


def _schemas(tools: Path, overlay: str) -> steps.Command:
    return (tools / "kubernetes-validate", "-k", VERSION, "--strict", "--quiet", _rendered(overlay))


def _quiet(skipped: str) -> tuple[str, ...]:
    return ("--compact", "--quiet", "--skip-download", "--skip-check", skipped)


def _yaml() -> list[Path]:
    return [K8S, *sorted(ROOT.glob("compose*.yaml"))]


def _of_the_image(tools: Path, checkov: Path) -> list[tuple[str, steps.Command]]:
    recipe = ROOT / "Dockerfile"
    if not recipe.exists():
        return []
    return [
        ("hadolint", (tools / "hadolint", recipe)),
        ("checkov, Dockerfile", (checkov, "-f", recipe, "--framework", "dockerfile", *_quiet(NOT_THE_IMAGES))),
    ]


def _of_compose() -> list[tuple[str, steps.Command]]:
    files = sorted(ROOT.glob("compose*.yaml"))
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0:
        if files:
            print("  Docker Compose is not installed: compose files are checked by tests/deployment alone.")
        return []
    return [
        (f"config of {file.name}", ("docker", "compose", "-f", file, "--profile", "*", "config", "--quiet"))
        for file in files
    ]


if __name__ == "__main__":
    sys.exit(main())
