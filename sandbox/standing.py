"""What every stand-in does that is started by hand."""

import threading
from contextlib import suppress


def stand(words: str) -> int:
    """Says where it is reached, and stands until Ctrl-C; 0, the exit code."""
    print(f"{words}; Ctrl-C stops.", flush=True)  # noqa: T201
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    return 0
