"""Bytes under their hash."""

import hashlib
import io

import pytest

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
