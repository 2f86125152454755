"""Doing things to one storage from several processes at once, and killing them in the middle of it.

A storage that only its own process sees is raced with threads instead. Run as a module, this is one of the processes:
it says that it is ready, waits for a line, does one of the `ACTIONS`, and prints what came of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

from toil_core.job_stores.storage import KeyAbsent, Storage

_WON, _LOST = "won", "lost"
_STOP = "stop"
#: How long any of this may take before it is taken for hanging, in seconds.
DEADLINE = 60


def create(storage: Storage) -> str:
    """Try to make the container."""
    try:
        storage.create()
    except FileExistsError:
        return _LOST
    return _WON


def claim(storage: Storage, key: str, value: str) -> str:
    """Try to be the one who stores a value that was absent."""
    storage.open()
    return _WON if storage.put(key, value.encode("ascii"), if_absent=True) else _LOST


def overwrite(storage: Storage, key: str, size: str, count: str) -> str:
    """Store values over and over, each of one letter only, then the sign to stop."""
    storage.open()
    for number in range(int(count)):
        storage.put(key, bytes([ord("a") + number % 26]) * int(size))
    storage.put(_STOP, b"")
    return "done"


def watch(storage: Storage, key: str, size: str) -> str:
    """Read a value until the sign to stop; say if it was ever less or more than one whole value."""
    storage.open()
    while True:
        try:
            storage.stat(_STOP)
            last = True
        except KeyAbsent:
            last = False
        value = storage.read(key)
        with storage.open_read(key) as stream:
            streamed = stream.read()
        for one in (value, streamed):
            if len(one) != int(size) or len(set(one)) != 1:
                return "torn"
        if last:
            return "whole"


def half_write(storage: Storage, key: str) -> str:
    """Write a part of a value to a stream, say so, and wait to be killed."""
    storage.open()
    with storage.open_write(key) as stream:
        stream.write(b"half" * 50_000)
        stream.flush()
        _say_writing()
        sys.stdin.readline()
    return "finished"


def put_forever(storage: Storage, prefix: str, size: str) -> str:
    """Store one value after another, saying so after the first, until killed."""
    storage.open()
    number = 0
    while True:
        storage.put(f"{prefix}{number}", bytes([ord("a") + number % 26]) * int(size), if_absent=number % 2 == 0)
        number += 1
        if number == 1:
            _say_writing()


def _say_writing() -> None:
    sys.stdout.write("writing\n")
    sys.stdout.flush()


ACTIONS: dict[str, Callable[..., str]] = {
    action.__name__: action for action in (create, claim, overwrite, watch, half_write, put_forever)
}


def race(storage: Storage, *actions: Sequence[str]) -> list[str]:
    """Do several things to a storage at the same time.

    :param actions: for each racer, the name of an action and its arguments.
    :returns: what came of each, in order.
    """
    if not storage.shared_between_processes:
        return _race_threads(storage, actions)
    racers = [_start(storage, action) for action in actions]
    try:
        for racer in racers:
            assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        return [racer.communicate(timeout=DEADLINE)[0].strip() for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()


@contextmanager
def doomed(storage: Storage, *action: str) -> Iterator[subprocess.Popen[str]]:
    """Have another process act, up to where it says that it is writing; whatever happens, it is killed with -9 then."""
    process = _start(storage, action)
    try:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "writing\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def _start(storage: Storage, action: Sequence[str]) -> subprocess.Popen[str]:
    kind = type(storage)
    command = [sys.executable, "-m", __name__, kind.__module__, kind.__qualname__, storage.name, *action]
    path = os.pathsep.join(part for part in sys.path if part)
    environment = {**os.environ, "PYTHONPATH": path}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)


def _race_threads(storage: Storage, actions: Sequence[Sequence[str]]) -> list[str]:
    import threading
    from concurrent.futures import ThreadPoolExecutor

    barrier = threading.Barrier(len(actions))

    def act(action: Sequence[str]) -> str:
        own = type(storage)(storage.name)
        barrier.wait(DEADLINE)
        return ACTIONS[action[0]](own, *action[1:])

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))


def main(module: str, name: str, storage_name: str, action: str, *arguments: str) -> None:
    """Be one of the processes."""
    storage: Storage = getattr(import_module(module), name)(storage_name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(ACTIONS[action](storage, *arguments) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
