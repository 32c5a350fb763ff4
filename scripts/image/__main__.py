"""Builds the image, runs it as compose describes it, goes in by the load balancer's door, and looks how it ends."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from scripts import steps
from scripts.image import engine, stand_ins

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(os.environ.get("IMAGE_CHECK_FOLDER", "/var/tmp/learninghub-image-check"))  # noqa: S108  outlives a run: a cache
SITE = "http://127.0.0.1:8080"
LARGEST_MB = 900
NOT_OURS = {"postgres", "redis", "rabbitmq", "nginx"}
PATIENCE_S = 300


class Check:
    """One run: the engine's command, and what the compose file is to be given."""

    def __init__(self, docker: list[str]) -> None:
        self.docker = docker
        self.compose = [*docker, "compose", "--project-directory", str(ROOT), "--profile", "fleet"]
        self.env = os.environ | {"DOCKER_BUILDKIT": "1", "BUILD_NETWORK": "host", "JWT_SIGNING_KEYS": _key()}

    def tell(self, *words: str | Path) -> str:
        done = subprocess.run(words, capture_output=True, text=True, env=self.env, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, words[:6]))}: {(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def bases(self) -> None:
        if made := stand_ins.provide(self.docker):
            print(f"(stand-ins of Debian's packages: {', '.join(made)}) ", end="", flush=True)

    def build(self) -> None:
        self.tell(*self.compose, "build", "--quiet", "migrate", "mail")

    def size(self) -> None:
        size = int(self.tell(*self.docker, "image", "inspect", "-f", "{{.Size}}", "learninghub:dev")) // 10**6
        print(f"{size} MB ", end="", flush=True)
        if size > LARGEST_MB:
            raise RuntimeError(f"{size} MB are more than {LARGEST_MB}")

    def code_belongs_to_root(self) -> None:
        found = self.tell(
            *self.docker,
            "run",
            "--rm",
            "--entrypoint",
            "find",
            "learninghub:dev",
            "/app",
            "/venv",
            "!",
            "-user",
            "root",
        )
        if found:
            raise RuntimeError(f"not root's: {found[:300]}")

    def up(self) -> None:
        self.tell(*self.compose, "up", "--detach", "--wait", "--wait-timeout", str(PATIENCE_S))

    def registration(self) -> None:
        """The journey of the drawing through nginx, gateway, services, relay and worker, to the mail."""
        email = f"ada-{os.getpid()}-{int(time.time())}@example.org"
        person = {"email": email, "password": "a long enough one", "display_name": "Ada", "terms_version": "2026-11"}
        joined = _ask("POST", "/api/v1/auth/register/", person)
        me = _ask("GET", "/api/v1/users/me/", token=joined["access"])
        if me["email"] != email:
            raise RuntimeError(f"another person came back: {me}")
        end = time.monotonic() + 60
        while f"{email}:" not in self.tell(*self.compose, "logs", "--no-color", "mail"):
            if time.monotonic() > end:
                raise RuntimeError("no mail within a minute")
            time.sleep(0.5)

    def how_they_run(self) -> None:
        """Read-only, without capabilities, as nobody in particular."""
        for name in self.tell(*self.compose, "ps", "--services", "--status", "running").split():
            if name in NOT_OURS:
                continue
            [found] = json.loads(self.tell(*self.docker, "inspect", f"learninghub-{name}-1"))
            if name != "mail" and not found["HostConfig"]["ReadonlyRootfs"]:
                raise RuntimeError(f"{name} may write beside its code")
            status = self.tell(*self.compose, "exec", "-T", name, "cat", "/proc/1/status") if name != "mail" else ""
            lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            if lines and (lines["CapEff"].strip("0"), lines["Uid"].split()[0]) != ("", "10001"):
                raise RuntimeError(f"{name} runs with {lines['CapEff']} as {lines['Uid']}")

    def end(self) -> None:
        """SIGTERM ends each with 0."""
        running = self.tell(*self.compose, "ps", "--services", "--status", "running").split()
        ours = [name for name in running if name not in NOT_OURS | {"mail"}]
        self.tell(*self.compose, "stop", *ours)
        codes = {
            name: self.tell(*self.docker, "inspect", "-f", "{{.State.ExitCode}}", f"learninghub-{name}-1").strip()
            for name in ours
        }
        if bad := {name: code for name, code in codes.items() if code != "0"}:
            raise RuntimeError(f"did not end with 0: {bad}")

    def down(self) -> None:
        self.tell(*self.compose, "down", "--volumes", "--timeout", "10")


def main() -> int:
    try:
        with engine.running(HERE) as docker:
            check = Check(docker)
            try:
                return steps.run(
                    [
                        ("base images", check.bases),
                        ("build", check.build),
                        ("size", check.size),
                        ("code belongs to root", check.code_belongs_to_root),
                        ("compose up", check.up),
                        ("registration journey", check.registration),
                        ("how they run", check.how_they_run),
                        ("SIGTERM ends with 0", check.end),
                    ]
                )
            finally:
                check.down()
    except engine.NoEngine as why:
        print(f"The image was NOT built or run: {why}.")
        return 0


def _ask(method: str, path: str, body: Any = None, *, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SITE + path, data, headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def _key() -> str:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "key.pem"
        subprocess.run(["openssl", "genrsa", "-out", made, "2048"], check=True, capture_output=True)
        return made.read_text()


if __name__ == "__main__":
    sys.exit(main())
