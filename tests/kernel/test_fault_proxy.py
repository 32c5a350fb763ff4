"""The proxy of the fault tests: each manner does to a line what it says, and passing does nothing."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from sandbox.tcp import Manner, TcpProxy


@pytest.fixture
def line() -> Iterator[TcpProxy]:
    """Leads to a server that says everything back."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        thread = threading.Thread(target=_answer, args=(server,))
        with TcpProxy(port=server.getsockname()[1]) as proxy:
            thread.start()
            yield proxy
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _answer(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                while heard := connection.recv(65536):
                    connection.sendall(heard)


def _call(line: TcpProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=5)


def _ask(caller: socket.socket, words: bytes) -> bytes:
    caller.sendall(words)
    heard = b""
    while len(heard) < len(words):
        piece = caller.recv(65536)
        if not piece:
            break
        heard += piece
    return heard


def _rest(caller: socket.socket) -> bytes:
    """What comes until the line is reset."""
    heard = b""
    try:
        while piece := caller.recv(65536):
            heard += piece
    except ConnectionResetError:
        return heard
    pytest.fail("the line ended in good order")


def test_passes_what_it_hears_and_the_end(line: TcpProxy) -> None:
    words = b"word " * 100_000
    with _call(line) as caller:
        assert _ask(caller, words[:300_000]) == words[:300_000]
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(1) == b""
    assert line.accepted == 1


def test_delays_each_piece(line: TcpProxy) -> None:
    with _call(line) as caller:
        _ask(caller, b"warm")
        line.seconds, line.manner = 0.1, Manner.DELAY
        began = time.monotonic()
        assert _ask(caller, b"late") == b"late"
        assert time.monotonic() - began >= 0.2  # there and back


def test_a_black_hole_keeps_the_line_open_and_gives_all_back_in_the_end(line: TcpProxy) -> None:
    line.manner = Manner.BLACK_HOLE
    with _call(line) as caller:
        caller.sendall(b"held")
        caller.settimeout(0.2)
        with pytest.raises(TimeoutError):
            caller.recv(4)
        line.manner = Manner.PASS
        caller.settimeout(5)
        assert caller.recv(4) == b"held"


def test_resets_open_lines_and_lets_new_ones_through(line: TcpProxy) -> None:
    with _call(line) as caller:
        _ask(caller, b"word")
        assert line.reset() == 1
        with pytest.raises(ConnectionResetError):
            caller.recv(1)
    with _call(line) as caller:
        assert _ask(caller, b"word") == b"word"


def test_resets_whoever_speaks(line: TcpProxy) -> None:
    line.manner = Manner.RESET
    with _call(line) as caller, pytest.raises(ConnectionResetError):
        _ask(caller, b"word")


def test_cuts_after_so_many_bytes_of_the_answer(line: TcpProxy) -> None:
    line.bytes_left, line.manner = 7, Manner.CUT
    with _call(line) as caller:
        assert _ask(caller, b"five.") == b"five."
        caller.sendall(b"five.")
        assert b"five.".startswith(_rest(caller))  # a reset may overtake what was sent before it


def test_cuts_after_so_many_bytes_of_what_is_said(line: TcpProxy) -> None:
    line.bytes_left, line.manner = 7, Manner.CUT_SENT
    with _call(line) as caller:
        assert _ask(caller, b"five.") == b"five."
        caller.sendall(b"five.")
        assert b"five.".startswith(_rest(caller))


def test_answers_in_the_server_s_place(line: TcpProxy) -> None:
    line.answer, line.manner = b"no", Manner.ANSWER
    with _call(line) as caller:
        caller.sendall(b"word")
        assert caller.recv(5) + caller.recv(5) == b"no"
    assert line.last_sent == {}


def test_a_server_that_is_away_is_a_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with TcpProxy(port=port) as proxy, pytest.raises(ConnectionResetError), _call(proxy) as caller:
        caller.recv(1)
