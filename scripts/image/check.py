"""What the check does with an engine: each method is a step, and raises RuntimeError where all is not well."""

import hashlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scripts.image import stand_ins
from scripts.image.visitor import Visitor, fetch

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "learninghub:dev"
SITE, BUCKET = "http://127.0.0.1:8080", "http://127.0.0.1:9000/files"
BACKUPS = "http://127.0.0.1:9000/backups"
LARGEST_MB = 900
NOT_OURS = {"postgres", "redis", "rabbitmq", "nginx"}
SANDBOX = {"mail", "s3"}
# What registration and upload cross, besides what these depend on.
JOURNEY = (
    "nginx",
    "user-service",
    "auth-service",
    "media-service",
    "notification-worker",
    "media-worker",
    "relay",
    "mail",
)
ALONE = (
    *("--read-only", "--tmpfs", "/tmp", "--network", "none"),  # noqa: S108
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
)
# Small enough to read, large enough to be a picture.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


class Check:
    """One run: the engine's command, and what the compose file is to be given."""

    def __init__(self, docker: list[str], *, only_journey: bool) -> None:
        self.docker = docker
        self.compose = [*docker, "compose", "--project-directory", str(ROOT), "--profile", "fleet"]
        self.wanted = JOURNEY if only_journey else ()
        self.env = os.environ | {"DOCKER_BUILDKIT": "1", "BUILD_NETWORK": "host", "JWT_SIGNING_KEYS": _key()}
        self.patience_s = 0.0
        self.visitor = Visitor(SITE)

    def bases(self) -> None:
        if made := stand_ins.provide(self.docker):
            print(f"(stand-ins of Debian's packages: {', '.join(made)}) ", end="", flush=True)

    def build(self) -> None:
        self._tell(*self.compose, "build", "--quiet", "migrate", "mail")

    def size(self) -> None:
        size = int(self._tell(*self.docker, "image", "inspect", "-f", "{{.Size}}", IMAGE)) // 10**6
        print(f"{size} MB ", end="", flush=True)
        if size > LARGEST_MB:
            raise RuntimeError(f"{size} MB are more than {LARGEST_MB}")

    def code_belongs_to_root(self) -> None:
        found = self._tell(
            *self.docker, "run", "--rm", "--entrypoint", "find", IMAGE, "/app", "/venv", "!", "-user", "root"
        )
        if found:
            raise RuntimeError(f"not root's: {found[:300]}")

    def checks_itself(self) -> None:
        """`check` where nothing may be written and nobody is reached; how long it takes says how patient to be."""
        began = time.monotonic()
        self._tell(
            *self.docker, "run", "--rm", *ALONE, "-e", "DATABASE_URL=postgres://nobody@127.0.0.1/none", IMAGE, "check"
        )
        self.patience_s = 60 + 3 * len(self._services()) * (time.monotonic() - began)

    def finds_what_pdf_needs(self) -> None:
        ask = "import sys; from learninghub.pdf import system; sys.exit(system.missing())"
        self._tell(*self.docker, "run", "--rm", *ALONE, "--entrypoint", "python", IMAGE, "-c", ask)

    def up(self) -> None:
        """Waits until all are healthy: three times as long as they would take one after the other."""
        patience = str(int(self.patience_s))
        self._tell(*self.compose, "up", "--detach", "--wait", "--wait-timeout", patience, *self.wanted)
        print(f"{len(self._running())} containers ", end="", flush=True)

    def registration(self) -> None:
        """The journey of the drawing through nginx, gateway, services, relay and worker, to the mail."""
        self.visitor.patience_s = self.patience_s
        self.visitor.register()
        if self.visitor.who_am_i() != self.visitor.email:
            raise RuntimeError("another person came back")
        self._until(
            lambda: f"{self.visitor.email}:" in self._tell(*self.compose, "logs", "--no-color", "mail"), "no mail"
        )

    def upload(self) -> None:
        """A picture through nginx, gateway and service into the bucket, made anew by a worker, and back."""
        self.visitor.upload(PICTURE)
        self._until(self.visitor.has_sizes, "no sizes of the picture")
        came_back = self.visitor.picture()
        if hashlib.sha256(came_back).hexdigest().encode() not in fetch(BUCKET):
            raise RuntimeError("what came back does not lie in the bucket")
        if self.visitor.came_again:
            print(f"(told 503, came again {self.visitor.came_again} times) ", end="", flush=True)

    def backup(self) -> None:
        """A dump of this very database in its bucket, by the read-only image, with its note."""
        said = self._tell(*self.compose, "run", "--rm", "--no-deps", "-T", "relay", "backup")
        key = said.strip().splitlines()[-1].partition(":")[0]
        for name in (key, f"{key}.json"):
            if f"<Key>{name}</Key>".encode() not in fetch(BACKUPS):
                raise RuntimeError(f"no {name} in the bucket: {said}")

    def how_they_run(self) -> None:
        """Read-only, without capabilities, as nobody in particular: what the kernel says of process 1."""
        for name in self._ours():
            [found] = json.loads(self._tell(*self.docker, "inspect", f"learninghub-{name}-1"))
            if not found["HostConfig"]["ReadonlyRootfs"]:
                raise RuntimeError(f"{name} may write beside its code")
            status = self._tell(*self.compose, "exec", "-T", name, "cat", "/proc/1/status")
            lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            runs = (
                lines["CapEff"].strip("0"),
                lines["CapBnd"].strip("0"),
                lines["NoNewPrivs"],
                lines["Uid"].split()[0],
            )
            if runs != ("", "", "1", "10001"):
                raise RuntimeError(f"{name} runs with {runs}")

    def end(self) -> None:
        """SIGTERM ends each with 0."""
        ours = [name for name in self._ours() if name not in SANDBOX]
        self._tell(*self.compose, "stop", *ours)
        codes = {
            name: self._tell(*self.docker, "inspect", "-f", "{{.State.ExitCode}}", f"learninghub-{name}-1").strip()
            for name in ours
        }
        if bad := {name: code for name, code in codes.items() if code != "0"}:
            raise RuntimeError(f"did not end with 0: {bad}")
        print(f"{len(ours)} of ours ", end="", flush=True)

    def down(self) -> None:
        self._tell(*self.compose, "down", "--volumes", "--timeout", "10")

    def _services(self) -> list[str]:
        return self._tell(*self.compose, "config", "--services").split()

    def _running(self) -> list[str]:
        return self._tell(*self.compose, "ps", "--services", "--status", "running").split()

    def _ours(self) -> list[str]:
        return [name for name in self._running() if name not in NOT_OURS]

    def _until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + self.patience_s
        while not is_so():
            if time.monotonic() > end:
                raise RuntimeError(f"{otherwise} after {self.patience_s:.0f} s")
            time.sleep(0.5)

    def _tell(self, *words: str | Path) -> str:
        done = subprocess.run(words, capture_output=True, text=True, env=self.env, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, words[:6]))}: {(done.stdout + done.stderr)[-3000:]}")
        return done.stdout


def _key() -> str:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "key.pem"
        subprocess.run(["openssl", "genrsa", "-out", made, "2048"], check=True, capture_output=True)
        return made.read_text()
