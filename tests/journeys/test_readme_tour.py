"""The README's tour, typed as it stands into a shell beside the running platform."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded
from config.env import ROOT
from scripts import readme

OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SITE_URL", "LEARNINGHUB_VAR", "STRIPE_SECRET_KEY")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def tour() -> str:
    chapter = README.partition("## A tour with curl")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", chapter, flags=re.DOTALL))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The platform on a free port, with its data in the test's folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {"LEARNINGHUB_VAR": str(tmp_path / "var"), "SITE_URL": address}
    command = [sys.executable, "-m", "scripts.run", "--port", str(port)]
    with (tmp_path / "log").open("w+") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert running.stdout
        shown = iter(running.stdout.readline, "")
        assert any("Ctrl-C stops it" in line for line in shown), (tmp_path / "log").read_text()[-3000:]
        yield address
        running.terminate()
        running.wait(30)
    embedded.remove(tmp_path / "var")


def test_works_as_typed(site: str, tmp_path: Path):
    script = tour().replace("http://127.0.0.1:3000", site)
    typed = subprocess.run(
        ["bash", "-c", f"set -eu\n{script}"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert (typed.returncode, typed.stderr) == (0, ""), typed.stderr + typed.stdout[-3000:]
    assert '"code":"quiz_not_passed"' in typed.stdout
    assert '"is_passed":true' in typed.stdout
    assert '"learner_name":"Lin Zhao"' in typed.stdout
    assert '"source":"purchase"' in typed.stdout
    assert typed.stdout.endswith("%PDF-1.7")
    assert (tmp_path / "certificate.pdf").read_bytes().startswith(b"%PDF-")


def test_every_setting_stands_in_the_table():
    assert readme.table() in README
