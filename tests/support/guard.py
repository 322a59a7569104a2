"""No test opens a connection beyond this machine."""

import socket

LOCAL = {"localhost", "127.0.0.1", "::1"}


class NetworkBlockedError(Exception):
    """A test reached for the network."""


def install(monkeypatch):
    """Refuse connections to anything but the loopback and unix sockets."""

    def guarded(original):
        def connect(self, address, *rest):
            local = self.family == socket.AF_UNIX or address[0] in LOCAL
            if not local:
                raise NetworkBlockedError(f"a test tried to connect to {address!r}")
            return original(self, address, *rest)

        return connect

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
