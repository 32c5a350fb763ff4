"""Builds the image, runs it as compose describes it, goes in by the load balancer's door, and looks how it ends."""

import argparse
import os
import signal
import sys
from pathlib import Path

from scripts import steps
from scripts.image import engine
from scripts.image.check import Check

HERE = Path(os.environ.get("IMAGE_CHECK_FOLDER", "/var/tmp/learninghub-image-check"))  # noqa: S108  outlives a run: a cache


def main() -> int:
    asked = argparse.ArgumentParser(prog="make image-check", description=__doc__)
    asked.add_argument("--journey", action="store_true", help="only the containers that the two journeys cross")
    asked.add_argument("--no-start", action="store_true", help="only where an engine runs already; else say so")
    chosen = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The check of the image was told to stop."))
    try:
        with engine.running(HERE, start=not chosen.no_start) as docker:
            check = Check(docker, only_journey=chosen.journey)
            try:
                return steps.run(
                    [
                        ("base images", check.bases),
                        ("build", check.build),
                        ("size", check.size),
                        ("code belongs to root", check.code_belongs_to_root),
                        ("check, read-only, alone", check.checks_itself),
                        ("libraries of PDF", check.finds_what_pdf_needs),
                        ("compose up", check.up),
                        ("registration, to the mail", check.registration),
                        ("upload, to S3 and back", check.upload),
                        ("backup, into S3", check.backup),
                        ("how they run", check.how_they_run),
                        ("SIGTERM ends with 0", check.end),
                    ],
                    each_needs_those_before=True,
                )
            finally:
                check.down()
    except engine.NoEngine as why:
        print(f"The image was NOT built or run: {why}.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
