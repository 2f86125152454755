"""Parasol's one command over the engine, as the program of UCSC's tools speaks and its hub answers.

What is peculiar to it is kept: options stand before the command and unknown ones pass, a job's command is words
without a shell, the submitter's environment does not reach the job, memory is counted but nobody is killed for it, and
how a job ended is told only by a line in the file of results.
"""

from __future__ import annotations

import fnmatch
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .engine import Engine, Refused
from .frontend import Call, Command, Failed, FrontEnd, Result
from .model import End, Launch, Request, State, Task

MESSAGE_BYTES = 1428
USAGE = """Parasol version 12.19
Parasol is the name given to the overall system for managing jobs on
a computer cluster and to this specific command.
usage in brief:
   parasol [options] add job command-line   - Add job to list.
   parasol [options] clear sick  - Clear sick stats on a batch.
   parasol remove job id  - Remove job of given ID.
   parasol remove jobs userName [jobPattern]  - Remove jobs submitted by user.
   parasol list machines | jobs | users | batches | sick
   parasol ping [count]  - Ping hub server to make sure it's alive.
   parasol status  - Summarize status of machines, jobs, and spoke daemons."""


class Parasol(FrontEnd):
    """The front end; `default_memory` is what a job counts for that does not say."""

    keep = 0.0

    def __init__(self, engine: Engine, run: Path) -> None:
        super().__init__(engine, run)
        host = engine.hosts[0]
        self.default_memory = host.memory // host.cpus

    def commands(self) -> dict[str, Command]:
        return {"parasol": self.parasol}

    def unreachable(self, call: Call) -> Result:
        _, words = _options(call.arguments)
        return Result(255, "", f"Couldn't send '{' '.join(words)}' command to paraHub\n")

    def parasol(self, call: Call) -> Result:
        """Run one command."""
        options, words = _options(call.arguments)
        if not words:
            raise Failed(USAGE, 255)
        verbs: dict[str, Callable[[], Result]] = {
            "add": lambda: self._add(call, options, words[1:]),
            "remove": lambda: self._remove(call, words[1:]),
            "list": lambda: self._list(options, words[1:]),
            "pstat": lambda: self._pstat(short=False),
            "pstat2": lambda: self._pstat(short=True),
            "status": self._status,
            "clear": Result,
            "ping": lambda: Result(0, f"Pinged hub {words[1] if words[1:] else 1} times\n"),
        }
        if words[0] not in verbs:
            raise Failed(USAGE, 255)
        return verbs[words[0]]()

    def _add(self, call: Call, options: dict[str, str], words: list[str]) -> Result:
        if len(words) < 2 or words[0] != "job":
            raise Failed(USAGE, 255)
        directory = call.path(options.get("dir", "."))
        results = options.get("results", f"{directory}/results")
        inputs, outputs = options.get("in", "/dev/null"), options.get("out", "/dev/null")
        cpus, memory = options.get("cpu", "0"), _memory(options.get("ram", "0"))
        if not re.fullmatch(r"\d+(\.\d+)?", cpus) or memory is None:
            raise Failed(USAGE, 255)
        command = " ".join(words[1:])
        message = f"addJob2 {call.user} {directory} {inputs} {outputs} {results} {float(cpus):f} {memory} {command}"
        size = len(os.fsencode(message))
        if size > MESSAGE_BYTES:
            raise Failed(
                f"The following string has {size} bytes, but can only be {MESSAGE_BYTES}:\n{message}\n"
                "Please either shorten the current directory or the command line\n"
                "possibly by making a shell script that encapsulates a long command.\n",
                255,
            )
        request = Request(
            name=os.path.basename(command.split()[0]),
            user=call.user,
            launch=lambda task: _launch(task, self.run, directory, inputs, outputs, command),
            cpus=max(1, round(float(cpus))),
            memory=-(-memory // 2**20) if memory else self.default_memory,
            requeue=True,
            ended=self._record,
            notes={"command": command, "results": results},
        )
        try:
            job = self.engine.submit(request)
        except Refused:
            raise Failed("sick batch?: hub returned jobId==0", 255) from None
        said = f'your job {job} ("{command}") has been submitted\n'
        return Result(0, said if "verbose" in options else "")

    def _record(self, task: Task) -> None:
        """Write the line of a job that has ended into the file of results; the hub writes none for removed ones."""
        if task.end is End.CANCELLED or not self.engine.faults.history:
            return
        status = 65280 if task.end is End.LAUNCH else task.status << 8 | task.signal
        times = " ".join(str(int(when)) for when in (task.submitted, task.started or 0, task.ended or 0))
        ticks = int(task.cpu_seconds * 100)
        error = self.run / f"para{task.job}.err"
        name, command = task.request.name, task.request.notes["command"]
        line = f"{status} {task.host} {task.job} {name} {ticks} 0 {times} {task.request.user} {error} '{command}'\n"

        def write() -> None:
            try:
                with open(task.request.notes["results"], "a", errors="surrogateescape") as file:
                    file.write(line)
            except OSError:
                pass  # the hub only logs it

        if self.engine.faults.history_lag:
            threading.Timer(self.engine.faults.history_lag, write).start()
        else:
            write()

    def _remove(self, call: Call, words: list[str]) -> Result:
        if len(words) < 2 or words[0] not in ("job", "jobs"):
            raise Failed(USAGE, 255)
        if words[0] == "jobs":
            if words[1] != call.user and call.user != "root":
                raise Failed("You can only remove your own jobs (unless you are root).", 255)
            pattern = words[2] if words[2:] else "*"
            chosen = [
                task
                for task in self.engine.shown()
                if task.request.user == words[1] and fnmatch.fnmatchcase(task.request.notes["command"], pattern)
            ]
        else:
            if not words[1][0].isdigit():
                raise Failed("remove job requires a numerical job id", 255)
            chosen = [task for task in self.engine.shown() if str(task.job) == words[1]]
        for task in chosen:
            self.engine.end(task, End.CANCELLED)
        return Result()

    def _queued(self) -> list[Task]:
        """What runs, and then what waits, as the hub lists it."""
        live = [task for task in self.engine.shown() if task.state is not State.ENDED]
        return sorted(live, key=lambda task: task.state is State.PENDING)

    def _list(self, options: dict[str, str], words: list[str]) -> Result:
        if len(words) != 1:
            raise Failed(USAGE, 255)
        what = words[0].rstrip("s") if words[0] != "batches" else "batch"
        listed: dict[str, Callable[[], str]] = {
            "job": lambda: "".join(_job_line(task, "extended" in options) for task in self._queued()),
            "machine": self._machines,
            "user": self._users,
            "batch": self._batches,
            "sick": lambda: "",
        }
        if what not in listed:
            raise Failed(USAGE, 255)
        return Result(0, listed[what]())

    def _machines(self) -> str:
        running = [task for task in self.engine.true() if task.state is State.RUNNING]
        out = ""
        for host in self.engine.hosts:
            mine = [task for task in running if task.host == host.name]
            for task in mine:
                out += f"{host.name:<10} running {task.request.user:<10} {task.request.notes['command']}\n"
            if not mine:
                out += f"{host.name:<10} {'idle' if host.up else 'dead'}\n"
        return out

    def _users(self) -> str:
        out = ""
        tasks = self._queued()
        for user in dict.fromkeys(task.request.user for task in tasks):
            states = [task.state for task in tasks if task.request.user == user]
            running = len(states) - states.count(State.PENDING)
            out += f"{user} {len(states)} jobs, {running} running\n"
        return out

    def _batches(self) -> str:
        out = "#user     run   wait   done crash pri max batch\n"
        tasks = self.engine.true()
        for user, results in dict.fromkeys((task.request.user, task.request.notes["results"]) for task in tasks):
            mine = [task for task in tasks if task.request.notes["results"] == results]
            states = [task.state for task in mine]
            crashed = sum(task.state is State.ENDED and bool(task.status or task.signal) for task in mine)
            done = states.count(State.ENDED) - crashed
            waiting, running = states.count(State.PENDING), states.count(State.RUNNING)
            if waiting or running:
                out += f"{user:<8} {running:4} {waiting:6} {done:6} {crashed:5} {10:3} {-1:3} {results}\n"
        return out

    def _pstat(self, short: bool) -> Result:
        out = ""
        for task in self._queued():
            if task.state is State.PENDING:
                more = f" {task.request.user} {task.request.name} {int(task.submitted)} none"
                out += f"q {task.job}{'' if short else more}\n"
            else:
                out += f"r {task.job} {task.request.user} {task.request.name} {int(task.started or 0)} {task.host}\n"
        return Result(0, out)

    def _status(self) -> Result:
        tasks, hosts = self.engine.true(), self.engine.hosts
        total = sum(host.cpus for host in hosts if host.up)
        busy = sum(self.engine.used(host)[0] for host in hosts)
        states = [task.state for task in tasks]
        crashed = sum(task.state is State.ENDED and bool(task.status or task.signal) for task in tasks)
        lines = {
            "CPUs total": total,
            "CPUs free": total - busy,
            "CPUs busy": busy,
            "Nodes total": len(hosts),
            "Nodes dead": sum(not host.up for host in hosts),
            "Jobs running": states.count(State.RUNNING),
            "Jobs waiting": states.count(State.PENDING),
            "Jobs finished": states.count(State.ENDED),
            "Jobs crashed": crashed,
        }
        return Result(0, "".join(f"{title}: {number}\n" for title, number in lines.items()))


def _options(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """The options that stand before the command, and the rest."""
    options: dict[str, str] = {}
    words = list(arguments)
    while words and words[0].startswith("-"):
        name, _, value = words.pop(0).lstrip("-").partition("=")
        options[name] = value
    return options, words


def _memory(text: str) -> int | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([tgmk]?)b?", text, re.IGNORECASE)
    if not match:
        return None
    return int(float(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " "))


def _job_line(task: Task, extended: bool) -> str:
    when = task.submitted if task.state is State.PENDING else task.started or task.submitted
    stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(when))
    line = f"{task.job:<4} {task.host or 'none':<10} {task.request.user:<10} {stamp} {task.request.notes['command']}"
    return line + (f" {task.request.notes['results']}" if extended else "") + "\n"


def _launch(task: Task, run: Path, directory: str, inputs: str, outputs: str, command: str) -> Launch:
    def named(text: str) -> str:
        return os.path.join(directory, text.replace("$JOB_ID", str(task.job)))

    home = os.path.expanduser(f"~{task.request.user}")
    return Launch(
        arguments=[word.replace("$JOB_ID", str(task.job)) for word in command.split()],
        environment={
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "JOB_ID": str(task.job),
            "USER": task.request.user,
            "HOME": home,
            "HOST": str(task.host),
            "PARASOL": "7",
        },
        directory=directory,
        stdin=named(inputs),
        stdout=named(outputs),
        stderr=str(run / f"para{task.job}.err"),
    )
