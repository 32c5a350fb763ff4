"""What the server knows, kept in a file: who stops it in the evening finds the orders of the day in the morning."""

import json
from pathlib import Path

from sandbox.stripe.calls import Api


class Saved:
    """A file with the world and the Idempotency-Keys, written anew when something has changed."""

    def __init__(self, api: Api, path: Path) -> None:
        self._api = api
        self._path = path
        self._written = ""

    def load(self) -> None:
        if self._path.exists():
            self._written = self._path.read_text()
            kept = json.loads(self._written)
            with self._api.world.lock:
                self._api.world.load(kept["world"])
                self._api.keys.load(kept["keys"])

    def save(self) -> None:
        with self._api.world.lock:
            text = json.dumps({"world": self._api.world.dump(), "keys": self._api.keys.dump()})
        if text != self._written:
            draft = self._path.with_suffix(".draft")
            draft.write_text(text)
            draft.replace(self._path)
            self._written = text
