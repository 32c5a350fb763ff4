"""Bytes under their hash."""

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import storages

from learninghub.storage import store


@pytest.mark.parametrize("content", [b"", b"words", b"\x00" * (9 * 1024 * 1024)], ids=["empty", "small", "large"])
def test_bytes_come_back_under_their_hash(content: bytes):
    key = store.put(io.BytesIO(content))
    assert key == hashlib.sha256(content).hexdigest() == store.put(content)
    assert (store.read(key), store.size(key), store.exists(key)) == (content, len(content), True)
    with store.open(key) as opened:
        assert opened.read(3) == content[:3]


def test_forgotten_bytes_are_gone_and_forgetting_twice_is_harmless():
    key = store.put(b"short-lived")
    store.delete(key)
    store.delete(key)
    assert store.exists(key) is False
    with pytest.raises(FileNotFoundError):
        store.read(key)


def test_a_write_that_is_cut_short_leaves_nothing_under_the_key(monkeypatch: pytest.MonkeyPatch):
    def killed(_: int) -> None:
        raise KeyboardInterrupt

    content = b"half written"
    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        store.put(content)
    monkeypatch.undo()
    assert store.exists(hashlib.sha256(content).hexdigest()) is False
    assert store.read(store.put(content)) == content


def test_writers_of_the_same_bytes_leave_one_file(race: Callable[..., list], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(store), "exists", lambda self, key: False)  # none has seen another's file
    content = b"the same bytes" * 100_000
    (key,) = set(race(lambda _: store.put(content), 4))
    monkeypatch.undo()
    folder = Path(storages["default"].path(key)).parent / key[:2] / key[2:4]
    assert [path.name for path in folder.iterdir() if path.name.startswith(("draft-", key[:8]))] == [key]
    assert store.read(key) == content
