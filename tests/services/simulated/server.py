"""The process that is the whole simulated cluster: it answers the commands, and runs the jobs by its engine.

`python -m simulated.server NAME RUN` makes the commands of a scheduler in RUN/bin and serves them at RUN/socket.
Variables choose the hosts (HOSTS, as `name:cpus:MiB,…`) and the faults (FAULTS, as `slow=1 refuse=3 …`).
"""

from __future__ import annotations

import importlib
import json
import marshal
import os
import shlex
import signal
import socketserver
import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from .engine import Engine
from .frontend import Call, Command, Failed, FrontEnd, Result
from .model import End, Faults, Host, Task

FRONT_ENDS = {
    "slurm": "slurm:Slurm",
    "lsf": "lsf:Lsf",
    "torque": "torque:Torque",
    "htcondor": "condor:Condor",
    "parasol": "parasol:Parasol",
}
HOSTS = "node1:4:8192,node2:4:8192"


class Cluster:
    """A front end, its engine, and how often each command was called."""

    def __init__(self, name: str, run: Path, hosts: str = HOSTS, faults: str = "") -> None:
        module, _, kind = FRONT_ENDS[name].partition(":")
        front_end: type[FrontEnd] = getattr(importlib.import_module(f".{module}", __package__), kind)
        self.faults = Faults()
        for word in shlex.split(faults):
            fault, _, value = word.partition("=")
            self.faults.set(fault, value)
        self.engine = Engine(_hosts(hosts), self.faults, front_end.keep, front_end.numbers_elements)
        self.front_end = front_end(self.engine, run)
        self.calls: Counter[str] = Counter()

    def answer(self, call: Call) -> Result:
        """Run one command."""
        try:
            if call.command == "simctl":
                return self._control(call)
            self.calls[call.command] += 1
            time.sleep(self.faults.slow)
            if self.faults.is_down(call.command):
                return self.front_end.unreachable(call)
            return self.front_end.commands()[call.command](call)
        except Failed as failure:
            return failure.result
        except Exception:
            return Result(70, "", traceback.format_exc())

    def _control(self, call: Call) -> Result:
        verbs: dict[str, Command] = {
            "set": self._set,
            "end": self._end,
            "vanish": self._vanish,
            "host": self._host,
            "calls": self._calls,
            "jobs": self._jobs,
        }
        verb = call.arguments[0] if call.arguments else ""
        if verb not in verbs:
            raise Failed(f"simctl: say one of: {', '.join(verbs)}", 2)
        return verbs[verb](call)

    def _set(self, call: Call) -> Result:
        for word in call.arguments[1:]:
            fault, _, value = word.partition("=")
            try:
                self.faults.set(fault, value)
            except ValueError as error:
                raise Failed(f"simctl: {error}", 2) from None
        return Result()

    def _end(self, call: Call) -> Result:
        for task in self._named(call.arguments[1]):
            self.engine.end(task, End(call.arguments[2]))
        return Result()

    def _vanish(self, call: Call) -> Result:
        for task in self._named(call.arguments[1]):
            self.engine.forget(task)
        return Result()

    def _host(self, call: Call) -> Result:
        if not self.engine.switch_host(call.arguments[1], call.arguments[2] == "up"):
            raise Failed(f"simctl: there is no host '{call.arguments[1]}'", 2)
        return Result()

    def _calls(self, call: Call) -> Result:
        counted = json.dumps(self.calls)
        if "--reset" in call.arguments:
            self.calls.clear()
        return Result(0, counted + "\n")

    def _jobs(self, call: Call) -> Result:
        keys = ("job", "index", "host", "pid", "submitted", "started", "ended", "status", "signal", "rss", "starts")
        rows = [
            {
                "name": task.request.name,
                "state": task.state.value,
                "end": task.end.value if task.end else None,
                "cpus": task.request.cpus,
                "memory": task.request.memory,
                **{key: getattr(task, key) for key in keys},
            }
            for task in self.engine.true()
        ]
        return Result(0, json.dumps(rows) + "\n")

    def _named(self, name: str) -> list[Task]:
        job, _, index = name.partition("_")
        return [
            task
            for task in self.engine.true()
            if name == "all" or (str(task.job) == job and index in ("", str(task.index)))
        ]


def _hosts(text: str) -> list[Host]:
    return [Host(name, int(cpus), int(memory)) for name, cpus, memory in (one.split(":") for one in text.split(","))]


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128
    cluster: Cluster


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        command, arguments, environment, directory, uid = self._receive()
        call = Call(
            command,
            arguments,
            {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()},
            os.fsdecode(directory),
            uid,
            self._read_input,
        )
        result = self.server.cluster.answer(call)
        self._send((result.status, os.fsencode(result.out), os.fsencode(result.err)))

    def _read_input(self) -> str:
        self._send("stdin")
        return os.fsdecode(self._receive())

    def _send(self, value: Any) -> None:
        data = marshal.dumps(value)
        self.wfile.write(len(data).to_bytes(8, "big") + data)

    def _receive(self) -> Any:
        return marshal.loads(self.rfile.read(int.from_bytes(self.rfile.read(8), "big")))


COMMAND = """#!{python} -SE
import sys
sys.path[:0] = [{package!r}]
from simulated.client import main
sys.exit(main({command!r}, {address!r}))
"""


def _write_commands(names: list[str], bin_: Path, address: str) -> None:
    bin_.mkdir(exist_ok=True)
    package = str(Path(__file__).resolve().parent.parent)
    for command in names:
        text = COMMAND.format(python=sys.executable, package=package, command=command, address=address)
        (bin_ / command).write_text(text)
        (bin_ / command).chmod(0o755)


def main(name: str, run: Path) -> None:
    """Serve a cluster until SIGTERM."""
    os.umask(0)  # users who are not this one send commands, too
    (run / "spool").mkdir(exist_ok=True)
    cluster = Cluster(name, run / "spool", os.environ.get("HOSTS") or HOSTS, os.environ.get("FAULTS", ""))
    address = str(run / "socket")
    _write_commands([*cluster.front_end.commands(), "simctl"], run / "bin", address)
    with _Server(address, _Handler) as server:
        server.cluster = cluster
        os.umask(0o022)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        words = {"PATH": f"{run / 'bin'}:{os.environ['PATH']}", **cluster.front_end.variables()}
        lines = [f"export {key}={shlex.quote(value)}\n" for key, value in words.items()]
        (run / "environment.part").write_text("".join(lines))
        (run / "environment.part").rename(run / "environment")
        server.serve_forever(poll_interval=0.05)
    cluster.engine.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
