"""A way to a server that falls silent: what comes of the server is no longer passed on."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

READY = b"Z\x00\x00\x00\x05"
"""What PostgreSQL sends when it waits for a statement, for the first time after the sign-in."""


class Way:
    """Passes bytes on between a port of its own and a server, until it is told to be silent."""

    def __init__(self, reach: Callable[[], socket.socket], *, until: bytes | None = None) -> None:
        self._reach, self._until = reach, until
        self.silent = threading.Event()
        self.opened = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = self._reach()
                self.opened += 1
                self._ends += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if self.silent.is_set():
                    continue
                target.sendall(data)
                if self._until is not None and self._until in data:
                    self.silent.set()
            target.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listening.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextlib.contextmanager
def way(reach: Callable[[], socket.socket], *, until: bytes | None = None) -> Iterator[Way]:
    """Give a way to a server; with ``until`` it is silent once the server has said that."""
    found = Way(reach, until=until)
    try:
        yield found
    finally:
        found.close()


def to_file(path: str) -> Callable[[], socket.socket]:
    """Return what reaches a server by its socket file."""

    def reach() -> socket.socket:
        found = socket.socket(socket.AF_UNIX)
        found.connect(path)
        return found

    return reach


def to_port(port: int) -> Callable[[], socket.socket]:
    """Return what reaches a server by its port on this machine."""
    return lambda: socket.create_connection(("127.0.0.1", port))
