"""What the commands of a simulated scheduler do: hand their arguments to the cluster, and print what it answers.

Each is a process of its own, so this imports only what is part of the interpreter.
"""

import _socket
import marshal
import posix
import sys


def main(command: str, address: str) -> int:
    """Run one command, and give its exit status.

    :param address: the cluster's socket.
    """
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.connect(address)
    except OSError as error:
        _write(2, f"{command}: the simulated cluster at {address} does not run: {error}\n".encode())
        return 255
    _send(connection, (command, sys.argv[1:], dict(posix.environ), posix.getcwdb(), posix.getuid()))
    answer = _receive(connection)
    if answer == "stdin":
        _send(connection, b"".join(iter(lambda: posix.read(0, 65536), b"")))
        answer = _receive(connection)
    status, out, err = answer
    _write(1, out)
    _write(2, err)
    return int(status)


def _send(connection: _socket.socket, value) -> None:  # type: ignore[no-untyped-def] # what marshal takes; `typing` would be an import
    data = marshal.dumps(value)
    connection.sendall(len(data).to_bytes(8, "big") + data)


def _receive(connection: _socket.socket):  # type: ignore[no-untyped-def] # what marshal gives
    size = int.from_bytes(_exactly(connection, 8), "big")
    return marshal.loads(_exactly(connection, size))


def _exactly(connection: _socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[posix.write(descriptor, data) :]
