"""The relay as `manage.py relay` runs it, which also dies at the crash point that a file names."""

import sys
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402  needs the settings

from learninghub.outbox import crash  # noqa: E402

if __name__ == "__main__":
    crash.obey(Path(sys.argv[1]))
    call_command("relay")
