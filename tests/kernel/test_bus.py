"""Words between processes: real ones, over a single Redis and over a cluster."""

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from queue import Queue

import pytest

from learninghub import bus, redis
from tests.support.instances import RedisCluster, RedisServer
from tests.support.instances.server import until
from tests.support.shared_redis import nodes

LONG = 20.0  # seconds before a test gives up
TELL = """
    import os, sys
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.testing"
    import django
    django.setup()
    from learninghub import bus
    for line in sys.stdin:
        bus.announce("news", line.strip())
        print("told", flush=True)
"""


@pytest.fixture
def shared(redis_at: RedisServer | RedisCluster) -> Iterator[redis.Client]:
    redis.use(redis_at.url)
    client = redis.client()
    assert client is not None
    yield client
    redis.use("")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> "Queue[str]":
    words: Queue[str] = Queue()
    monkeypatch.setattr(bus, "_listeners", {"news": [words.put]})
    return words


@pytest.fixture
def healed(monkeypatch: pytest.MonkeyPatch) -> "Queue[bool]":
    """Whether words may have been missed, at each healing."""
    times: Queue[bool] = Queue()
    monkeypatch.setattr(bus, "_healers", [times.put])
    monkeypatch.setattr(bus, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(bus, "_LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(bus, "_LOOK_SECONDS", 0.05)
    return times


@pytest.fixture
def listening(shared: redis.Client, heard: "Queue[str]", healed: "Queue[bool]") -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = bus.listen(stop)
    assert healed.get(timeout=LONG) is False
    yield thread
    stop.set()
    thread.join(LONG)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def another_process(redis_at: RedisServer | RedisCluster) -> Iterator[Callable[[str], None]]:
    """Tells a word; returns when it is told."""
    told = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(TELL)], env=os.environ | {"REDIS_URL": redis_at.url},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip
    with told:

        def tell(word: str) -> None:
            assert told.stdin is not None
            assert told.stdout is not None
            told.stdin.write(word + "\n")
            assert told.stdout.readline() == "told\n"

        yield tell
        told.communicate()


def cut_lines(redis_at: RedisServer | RedisCluster) -> None:
    for node in nodes(redis_at):
        node.ask("CLIENT", "KILL", "TYPE", "pubsub")


def test_a_word_told_in_one_process_is_heard_in_another(
    listening: threading.Thread, heard: "Queue[str]", another_process: Callable[[str], None]
):
    for word in ("one", "two words", "drei Wörter hier"):
        another_process(word)
        assert heard.get(timeout=LONG) == word


def test_one_s_own_word_is_heard_at_once_and_once(
    listening: threading.Thread, heard: "Queue[str]", another_process: Callable[[str], None]
):
    bus.announce("news", "same")
    assert heard.get_nowait() == "same"
    bus.announce("news", "same")
    assert heard.get_nowait() == "same"
    another_process("same")
    another_process("end")
    assert sorted(heard.get(timeout=LONG) for _ in range(2)) == ["end", "same"]


def test_without_looking_for_echoes_it_would_be_heard_twice(
    listening: threading.Thread,
    heard: "Queue[str]",
    another_process: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(bus._echoes, "expect", lambda _: None)
    bus.announce("news", "same")
    another_process("end")
    assert sorted(heard.get(timeout=LONG) for _ in range(3)) == ["end", "same", "same"]


def test_a_cut_line_is_mended_and_what_may_have_been_missed_is_made_up_for(
    redis_at: RedisServer | RedisCluster,
    listening: threading.Thread,
    heard: "Queue[str]",
    healed: "Queue[bool]",
    another_process: Callable[[str], None],
):
    cut_lines(redis_at)
    assert healed.get(timeout=LONG) is True
    another_process("after")
    assert heard.get(timeout=LONG) == "after"


def test_it_outlives_a_restart_of_redis(
    redis_at: RedisServer | RedisCluster,
    listening: threading.Thread,
    heard: "Queue[str]",
    healed: "Queue[bool]",
    another_process: Callable[[str], None],
):
    redis_at.stop()
    bus.announce("news", "alone")
    assert heard.get_nowait() == "alone"
    redis_at.start()
    assert healed.get(timeout=LONG) is True
    another_process("together")
    assert heard.get(timeout=LONG) == "together"


def test_a_frozen_redis_is_noticed(
    redis_at: RedisServer | RedisCluster,
    listening: threading.Thread,
    healed: "Queue[bool]",
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(bus, "HEAL_SECONDS", 0.2)
    assert healed.get(timeout=LONG) is False
    redis_at.freeze()
    try:
        until(lambda: bus._echoes._expected is None, "nobody notices", seconds=LONG)
    finally:
        redis_at.thaw()
    while not healed.get(timeout=LONG):
        pass


def test_a_healer_that_fails_leaves_the_others_their_turn(
    listening: threading.Thread, healed: "Queue[bool]", monkeypatch: pytest.MonkeyPatch
):
    def broken(_: bool) -> None:
        raise RuntimeError("ill")

    monkeypatch.setattr(bus, "_healers", [broken, healed.put])
    monkeypatch.setattr(bus, "HEAL_SECONDS", 0.05)
    assert healed.get(timeout=LONG) is False


def test_without_redis_there_is_nothing_to_listen_to(heard: "Queue[str]"):
    assert redis.client() is None
    bus.announce("news", "here")
    assert heard.get_nowait() == "here"
    thread = bus.listen(threading.Event())
    thread.join(LONG)
    assert not thread.is_alive()
