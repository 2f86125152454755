"""Torque's commands over the engine, as its manual (version 4 and later) has them; qsub is in a module of its own.

There are two queues: `batch`, the default, and `short`, ten minutes at most. Jobs that have ended are shown for five
minutes with the state C, as with `keep_completed = 300`.
"""

from __future__ import annotations

import re
import socket
import time
from xml.sax.saxutils import escape

from .arguments import BadOption, Grammar
from .frontend import Call, Command, Failed, FrontEnd, Result
from .model import End, State, Task

CODES = {End.MEMORY: -10, End.TIME: -11, End.CANCELLED: 271, End.NODE: 265, End.PREEMPTED: 271, End.LAUNCH: -1}
UNKNOWN_JOB, BAD_STATE, UNKNOWN_QUEUE, UNKNOWN_RESOURCE, OVER_LIMIT, QUEUE_FULL = 153, 170, 172, 187, 188, 198
"""What exit statuses are left of Torque's error numbers."""

QSTAT = Grammar("f| W|= x| a| i| r| n| s| G| M| u|= Q| q| B| R| t| e| c| C| 1| l| version")
QDEL = Grammar("a| b| m|= p| t|= W|= version")


def state(task: Task) -> str:
    """The letter of a task's state."""
    if task.state is State.PENDING:
        return "H" if task.held else "Q"
    return {State.RUNNING: "R", State.ENDED: "C", State.UNKNOWN: "W"}[task.state]


def exit_status(task: Task) -> int:
    """What Torque calls the exit status: a signal counts from 256, what MOM did is negative."""
    if task.end in CODES:
        return CODES[task.end]
    return task.status or (256 + task.signal if task.signal else 0)


def job_id(task: Task) -> str:
    """The full name of a job or an element."""
    index = "" if task.index is None else f"[{task.index}]"
    return f"{task.job}{index}.{socket.gethostname()}"


def hms(seconds: float) -> str:
    """Seconds as HH:MM:SS."""
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"


class Torque(FrontEnd):
    """The front end."""

    queues = {"batch": None, "short": 600.0}
    """The most seconds that each lets jobs run."""

    def commands(self) -> dict[str, Command]:
        from . import torque_submit

        return {
            "qsub": lambda call: torque_submit.qsub(self, call),
            "qstat": self.qstat,
            "qdel": self.qdel,
            "qhold": lambda call: self._hold(call, True),
            "qrls": lambda call: self._hold(call, False),
            "pbsnodes": self.pbsnodes,
            "tracejob": self.tracejob,
        }

    def unreachable(self, call: Call) -> Result:
        host = socket.gethostname()
        return Result(
            111,
            "",
            f"Cannot connect to default server host '{host}' - check pbs_server daemon and/or trqauthd.\n"
            f"{call.command}: cannot connect to server {host} (errno=111) Connection refused\n",
        )

    def find(self, word: str, tasks: list[Task]) -> list[Task]:
        """The tasks that a job identifier names.

        :raises Failed: it is not one.
        """
        match = re.fullmatch(r"(\d+)(\[(\d*)\])?(\..*)?", word)
        if not match:
            raise ValueError(word)
        return [task for task in tasks if task.job == int(match[1]) and (not match[3] or task.index == int(match[3]))]

    def _named(self, call: Call, words: list[str], tasks: list[Task]) -> tuple[list[Task], str, int]:
        found: list[Task] = []
        err, status = "", 0
        for word in words:
            try:
                here = self.find(word, tasks)
            except ValueError:
                return found, err + f"{call.command}: illegally formed job identifier: {word}\n", 1
            found += here
            if not here:
                full = word if "." in word else f"{word}.{socket.gethostname()}"
                err += f"{call.command}: Unknown Job Id Error {full}\n"
                status = UNKNOWN_JOB
        return found, err, status

    def qstat(self, call: Call) -> Result:
        """Show jobs, or queues."""
        from . import torque_show

        options, rest = options_of(call, QSTAT)
        if "version" in options:
            return Result(0, "", "Version: 6.1.2\nCommit: simulated\n")
        for option in ("B", "W", "R", "l"):
            if option in options:
                raise Failed(f"qstat: the simulated cluster does not simulate -{option}", 70)
        if "q" in options or "Q" in options:
            return self._queues(rest)
        tasks, err, status = self._chosen(call, options, rest)
        if "x" in options:
            out = torque_show.xml(tasks)
        elif "f" in options:
            out = "".join(torque_show.full(task, "1" in options) for task in tasks)
        elif set(options) & {"a", "r", "i", "n", "u", "s", "e"}:
            out = torque_show.alternative(tasks)
        else:
            out = torque_show.brief(tasks, "t" in options or any(re.search(r"\[\d", word) for word in rest))
        return Result(status, out if tasks else "", err)

    def _chosen(self, call: Call, options: dict[str, str], rest: list[str]) -> tuple[list[Task], str, int]:
        tasks, err, status = self.engine.shown(), "", 0
        destinations = [word for word in rest if word in self.queues]
        if destinations:
            tasks = [task for task in tasks if task.request.queue in destinations]
        elif rest and not rest[0][0].isdigit():
            raise Failed(f"qstat: Unknown queue MSG=cannot locate queue {rest[0]}", UNKNOWN_QUEUE)
        elif rest:
            tasks, err, status = self._named(call, rest, tasks)
        if "u" in options:
            tasks = [task for task in tasks if task.request.user in options["u"].split(",")]
        if "c" in options:
            tasks = [task for task in tasks if task.state is not State.ENDED]
        if "r" in options or "i" in options:
            tasks = [task for task in tasks if (task.state is State.RUNNING) == ("r" in options)]
        return tasks, err, status

    def _queues(self, rest: list[str]) -> Result:
        for word in rest:
            if word not in self.queues:
                raise Failed(f"qstat: Unknown queue MSG=cannot locate queue {word}", UNKNOWN_QUEUE)
        out = "Queue              Max    Tot   Ena   Str   Que   Run   Hld   Wat   Trn   Ext T   Cpt\n"
        out += "----------------   ---   ----    --    --   ---   ---   ---   ---   ---   --- -   ---\n"
        for queue in rest or self.queues:
            letters = [state(task) for task in self.engine.shown() if task.request.queue == queue]
            count = {letter: letters.count(letter) for letter in "QRHWC"}
            out += f"{queue:<16} {0:5} {len(letters):6}   yes   yes {count['Q']:5} {count['R']:5} {count['H']:5} "
            out += f"{count['W']:5} {0:5} {0:5} E {count['C']:5}\n"
        return Result(0, out)

    def qdel(self, call: Call) -> Result:
        """End jobs."""
        options, rest = options_of(call, QDEL)
        if not rest:
            raise Failed("usage: qdel [{ -a | -p | -t <array range> | -W <delay> | -m <message>}] [<JOBID>[<JOBID>] | "
                         "'all' | 'ALL'] ...", 2)  # fmt: skip
        tasks = self.engine.shown()
        if rest[0].lower() == "all":
            for task in tasks:
                self.engine.end(task, End.CANCELLED)
            return Result()
        err, status = "", 0
        for word in rest:
            found, message, wrong = self._named(call, [word], tasks)
            if "t" in options:
                wanted = array_indices(options["t"])
                found = [task for task in found if task.index in wanted]
            err, status = err + message, wrong or status
            ended = [self.engine.end(task, End.CANCELLED) for task in found if task.state is not State.ENDED]
            if found and not any(ended):
                err += (
                    f"qdel: Request invalid for state of job MSG=invalid state for job - COMPLETE {job_id(found[0])}\n"
                )
                status = BAD_STATE
        return Result(status, "", err)

    def _hold(self, call: Call, held: bool) -> Result:
        _, rest = options_of(call, Grammar("h|= t|="))
        found, err, status = self._named(call, rest, self.engine.shown())
        for task in found:
            self.engine.release(task, held)
        return Result(status, "", err)

    def pbsnodes(self, call: Call) -> Result:
        """Show hosts."""
        options, rest = options_of(call, Grammar("a| l| x| q| n| s|= c| o| r| d"))
        for word in rest:
            if word not in [host.name for host in self.engine.hosts]:
                raise Failed(f"pbsnodes: Unknown node  MSG=cannot locate specified node{word}", 173)
        out = ""
        for host in self.engine.hosts:
            cpus, memory, jobs = self.engine.used(host)
            condition = "down" if not host.up else "job-exclusive" if cpus >= host.cpus else "free"
            if "l" in options:
                out += f"{host.name:<20} {condition}\n" if condition == "down" else ""
                continue
            if rest and host.name not in rest:
                continue
            status = (
                f"rectime={int(time.time())},cpuclock=Fixed,varattr=,jobs=,state={condition},netload=0,"
                f"loadave={jobs}.00,ncpus={host.cpus},physmem={host.memory * 1024}kb,"
                f"availmem={(host.memory - memory) * 1024}kb,totmem={host.memory * 1024}kb,idletime=0,nusers=0,"
                f"nsessions=0,uname=Linux {host.name},opsys=linux"
            )
            if "x" in options:
                out += f"<Node><name>{host.name}</name><state>{condition}</state><power_state>Running</power_state>"
                out += f"<np>{host.cpus}</np><ntype>cluster</ntype><status>{escape(status)}</status></Node>"
            else:
                out += f"{host.name}\n     state = {condition}\n     power_state = Running\n     np = {host.cpus}\n"
                out += f"     ntype = cluster\n     status = {status}\n     mom_service_port = 15002\n"
                out += "     mom_manager_port = 15003\n\n"
        return Result(0, f"<Data>{out}</Data>\n" if "x" in options else out)

    def tracejob(self, call: Call) -> Result:
        """Show what the logs have of a job."""
        from . import torque_show

        _, rest = options_of(call, Grammar("a| s| l| m| q| v| z| c|= w|= p|= n|= f|="))
        tasks = self.engine.shown(history=True) if self.engine.faults.history else []
        if not rest:
            raise Failed("USAGE: tracejob [-a|s|l|m|q|v|z] [-c count] [-w size] [-p path] [-n days] [-f filter_type] "
                         "<JOBID>...", 1)  # fmt: skip
        try:
            found = self.find(rest[0], tasks)
        except ValueError:
            found = []
        if not found:
            return Result(1, "", f"tracejob: no logs have anything of {rest[0]}\n")
        out = f"\nJob: {job_id(found[0])}\n\n"
        for task in found:
            user = f"{task.request.user}@{socket.gethostname()}"
            events = [(task.submitted, "S", f"enqueuing into {task.request.queue}, state 1 hop 1")]
            if task.started is not None:
                events.append((task.started, "S", f"Job Run at request of {user}"))
            if task.ended is not None:
                events.append((task.ended, "S", f"Exit_status={exit_status(task)} {torque_show.used(task)}"))
            for when, log, text in events:
                stamp = time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(when)) + f".{int(when * 1000) % 1000:03}"
                out += f"{stamp}  {log}    {text}\n"
        return Result(0, out)


def options_of(call: Call, grammar: Grammar, mixed: bool = True) -> tuple[dict[str, str], list[str]]:
    """The options of a call, refused as Torque's commands refuse them."""
    try:
        found, rest = grammar.parse(call.arguments, mixed)
    except BadOption as bad:
        raise Failed(f"{call.command}: {bad}\nusage: {call.command} [options]", 2) from None
    options: dict[str, str] = {}
    for name, value in found:
        options[name] = f"{options[name]},{value}" if name in "lvW" and name in options else value
    return options, rest


def array_indices(text: str) -> list[int]:
    """The elements that a range such as 1-3,7 names.

    :raises ValueError: it is no range.
    """
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if not match:
            raise ValueError(text)
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return found
