"""LSF's commands over the engine, as the command reference of IBM Spectrum LSF 10.1 has them; the small ones are here.

There are two queues: `normal`, the default, and `short`, ten minutes at most. UNIT in the environment of the cluster
is LSF_UNIT_FOR_LIMITS (KB where it is not set), PER_CORE=Y makes reservations of memory count for each slot.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from .engine import Engine
from .frontend import Call, Command, Failed, FrontEnd, Result
from .model import End, State, Task

CLUSTER = "simulated"
UNITS = {"KB": 1 / 1024, "K": 1 / 1024, "MB": 1, "M": 1, "GB": 1024, "G": 1024, "TB": 1024**2, "T": 1024**2}
REASONS = {
    End.MEMORY: "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit",
    End.TIME: "TERM_RUNLIMIT: job killed after reaching LSF run time limit",
    End.CANCELLED: "TERM_OWNER: job killed by owner",
    End.NODE: "TERM_ZOMBIE: job exited while LSF is not available",
    End.PREEMPTED: "TERM_PREEMPT: job killed after preemption",
    End.LAUNCH: (
        "TERM_CWD_NOTEXIST: current working directory is not accessible or does not exist on the execution host"
    ),
}
CODES = {End.MEMORY: 137, End.TIME: 140, End.CANCELLED: 130, End.NODE: 143, End.PREEMPTED: 130, End.LAUNCH: 2}


def status(task: Task) -> str:
    """The status of a task in LSF's words."""
    if task.state is State.PENDING:
        return "PSUSP" if task.held else "PEND"
    if task.state is State.RUNNING:
        return "RUN"
    if task.state is State.UNKNOWN:
        return "UNKWN"
    return "DONE" if exit_code(task) == 0 else "EXIT"


def exit_code(task: Task) -> int:
    """What LSF calls the exit code: a signal counts from 128."""
    if task.end in CODES:
        return CODES[task.end]
    return task.status or (128 + task.signal if task.signal else 0)


def name(task: Task) -> str:
    """The name of a job, with the index of an element."""
    return task.request.name + (f"[{task.index}]" if task.index is not None else "")


def number(task: Task) -> str:
    """The number of a job, with the index of an element."""
    return str(task.job) + (f"[{task.index}]" if task.index is not None else "")


def clock(seconds: float) -> str:
    """A time as LSF writes it."""
    return time.strftime("%a %b %e %H:%M:%S", time.localtime(seconds))


class Lsf(FrontEnd):
    """The front end; bsub and the commands that show jobs are in modules of their own."""

    keep = 3600.0
    queues = {"normal": None, "short": 600.0}
    """The most seconds that each lets jobs run."""

    def __init__(self, engine: Engine, run: Path) -> None:
        super().__init__(engine, run)
        self.unit = os.environ.get("UNIT") or "KB"
        self.per_core = os.environ.get("PER_CORE", "N").upper().startswith("Y")

    def commands(self) -> dict[str, Command]:
        from . import lsf_show, lsf_submit

        return {
            "bsub": lambda call: lsf_submit.bsub(self, call),
            "bjobs": lambda call: lsf_show.bjobs(self, call),
            "bhist": lambda call: lsf_show.bhist(self, call),
            "bacct": lambda call: lsf_show.bacct(self, call),
            "bkill": self.bkill,
            "bqueues": self.bqueues,
            "bhosts": self.bhosts,
            "lshosts": self.lshosts,
            "bparams": self.bparams,
            "lsadmin": self.lsadmin,
            "lsid": self.lsid,
        }

    def unreachable(self, call: Call) -> Result:
        end = ". Job not submitted." if call.command == "bsub" else ""
        return Result(255, "", f"Failed in an LSF library call: LIM is down; try later{end}\n")

    def mebibytes(self, text: str) -> int | None:
        """Memory with or without a unit; `None` if it is not memory."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Za-z]*)", text)
        if not match or (match[2] and match[2].upper() not in UNITS):
            return None
        return -int(-float(match[1]) * UNITS[(match[2] or self.unit).upper()] // 1)

    def find(self, words: Iterable[str], tasks: list[Task]) -> tuple[list[Task], list[str]]:
        """The tasks that words such as 12 and 12[3-4,7] name, and the words that name none."""
        found: list[Task] = []
        missing = []
        for word in words:
            match = re.fullmatch(r"(\d+)(?:\[([\d,-]+)\])?", word)
            if not match:
                raise Failed(f"{word}: Illegal job ID.", 255)
            indices = _indices(match[2]) if match[2] else None
            here = [task for task in tasks if task.job == int(match[1]) and (indices is None or task.index in indices)]
            found += here
            missing += [] if here else [word]
        return found, missing

    def bkill(self, call: Call) -> Result:
        """End jobs."""
        options, rest = options_of(call, "J= q= u= m= g= s= app= r stat= C= h V b l")
        tasks = self.engine.shown()
        if rest == ["0"] or (not rest and options):
            chosen = [task for task in tasks if task.state is not State.ENDED and _matches(call, task, options)]
            if not chosen:
                raise Failed("No matching job found", 255)
            missing: list[str] = []
        elif not rest:
            raise Failed("Job ID or one of -m, -u, -q, -g, -J must be specified", 255)
        else:
            chosen, missing = self.find(rest, tasks)
        out, err = "", "".join(f"Job <{word}>: No matching job found\n" for word in missing)
        for word in rest if rest != ["0"] else []:
            here, _ = self.find([word], chosen)
            ended = [self.engine.end(task, End.CANCELLED) for task in here]
            if here and not any(ended):
                err += f"Job <{word}>: Job has already finished\n"
            elif here:
                out += f"Job <{word}> is being terminated\n"
        if rest in ([], ["0"]):
            for task in chosen:
                self.engine.end(task, End.CANCELLED)
                out += f"Job <{number(task)}> is being terminated\n"
        return Result(255 if err else 0, out, err)

    def bqueues(self, call: Call) -> Result:
        """Show queues."""
        options, rest = options_of(call, "l w m= u= noheader o= json h V r")
        refuse_unsimulated(call, options, "o", "json", "r")
        for each in rest:
            if each not in self.queues:
                raise Failed(f"{each}: No such queue", 255)
        live = [task for task in self.engine.shown() if task.state is not State.ENDED]
        out = ""
        for each in rest or self.queues:
            mine = [task for task in live if task.request.queue == each]
            slots = {
                state: sum(task.request.cpus for task in mine if status(task) == state) for state in ("PEND", "RUN")
            }
            total = sum(task.request.cpus for task in mine)
            priority = 30 if each == "normal" else 35
            counts = f"{total:5} {slots['PEND']:5} {slots['RUN']:5} {total - sum(slots.values()):5}"
            if "l" in options:
                out += f"\nQUEUE: {each}\n  -- A queue of the simulated cluster.  "
                out += "This is the default queue.\n" if each == "normal" else "\n"
                out += "\nPARAMETERS/STATISTICS\n"
                out += "PRIO NICE STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN SSUSP USUSP  RSV PJOBS\n"
                out += f" {priority}    0  Open:Active       -    -    -    - {counts}     0    0     0\n"
                limit = self.queues[each]
                out += f"\nMAXIMUM LIMITS:\n RUNLIMIT\n {limit / 60:.1f} min\n" if limit else ""
            else:
                head = "QUEUE_NAME      PRIO STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN  SUSP \n"
                out += head if not out and "noheader" not in options else ""
                out += f"{each:<15} {priority:3}  Open:Active       -    -    -    - {counts}\n"
        return Result(0, out)

    def bhosts(self, call: Call) -> Result:
        """Show hosts and their slots."""
        options, rest = options_of(call, "w noheader o= json l h V R= x X a")
        refuse_unsimulated(call, options, "o", "json", "l", "R", "x")
        known = [host.name for host in self.engine.hosts]
        for each in rest:
            if each not in known:
                raise Failed(f"{each}: Bad host name, host group name or cluster name", 255)
        out = "" if "noheader" in options else (
            "HOST_NAME          STATUS       JL/U    MAX  NJOBS    RUN  SSUSP  USUSP    RSV \n"
        )  # fmt: skip
        for host in self.engine.hosts:
            if host.name in (rest or known):
                used, _, _ = self.engine.used(host)
                state = "unavail" if not host.up else "closed" if used >= host.cpus else "ok"
                out += f"{host.name:<18} {state:<14} - {host.cpus:6} {used:6} {used:6}      0      0      0\n"
        return Result(0, out)

    def lshosts(self, call: Call) -> Result:
        """Show what hosts have."""
        options_of(call, "w l h V a cname T")
        out = "HOST_NAME      type    model  cpuf ncpus maxmem maxswp server RESOURCES\n"
        for host in self.engine.hosts:
            memory = f"{host.memory / 1024:.1f}G"
            out += f"{host.name:<11} X86_64   PC6000 116.1 {host.cpus:5} {memory:>6}      -    Yes (mg)\n"
        return Result(0, out)

    def bparams(self, call: Call) -> Result:
        """Show the parameters of the batch system."""
        options, _ = options_of(call, "a l h V")
        per_task = "Y" if self.per_core else "N"
        if "a" in options:
            lines = {
                "CLEAN_PERIOD": "3600",
                "DEFAULT_QUEUE": "normal",
                "DEFAULT_PROJECT": "default",
                "MAX_JOB_ARRAY_SIZE": "1000",
                "MAX_JOBID": "999999",
                "RESOURCE_RESERVE_PER_TASK": per_task,
            }
            head = f"lsb.params configuration at {clock(time.time())}\n"
            return Result(0, head + "".join(f"{key} = {value}\n" for key, value in lines.items()))
        if "l" in options:
            return Result(
                0,
                "System default queues for automatic queue selection:\n"
                "                           DEFAULT_QUEUE = normal\n\n"
                "Default project assigned to jobs:\n"
                "                           DEFAULT_PROJECT = default\n\n"
                "The interval to keep finished jobs in core:\n"
                "                           CLEAN_PERIOD = 3600 (seconds)\n\n"
                "The maximum array size:\n"
                "                           MAX_JOB_ARRAY_SIZE = 1000\n\n"
                "Resources are reserved for each task:\n"
                f"                           RESOURCE_RESERVE_PER_TASK = {per_task}\n\n",
            )
        return Result(
            0,
            "Default Queues:  normal\nMBD_SLEEP_TIME used for calculations:  10 seconds\n"
            "Job Checking Interval:  7 seconds\nJob Accepting Interval:  0 seconds\n",
        )

    def lsadmin(self, call: Call) -> Result:
        """Show the configuration of LIM: `lsadmin showconf lim`."""
        if call.arguments[:2] != ["showconf", "lim"]:
            raise Failed("lsadmin: the simulated cluster simulates only `lsadmin showconf lim`", 70)
        return Result(
            0,
            f"LIM configuration at {clock(time.time())} {time.strftime('%Y')}\n"
            f"        LSF_CLUSTER_NAME = {CLUSTER}\n"
            "        LSF_LIM_PORT = 7869\n"
            f"        LSF_UNIT_FOR_LIMITS = {self.unit}\n",
        )

    def lsid(self, call: Call) -> Result:
        """Show the version and the name of the cluster."""
        options_of(call, "h V")
        return Result(
            0,
            "IBM Spectrum LSF Standard 10.1.0.0, Jul 08 2016\n"
            "Copyright International Business Machines Corp. 1992, 2016.\n"
            "US Government Users Restricted Rights - Use, duplication or disclosure restricted by GSA ADP Schedule "
            f"Contract with IBM Corp.\n\nMy cluster name is {CLUSTER}\nMy master name is {socket.gethostname()}\n",
        )


def _indices(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def _matches(call: Call, task: Task, options: dict[str, str]) -> bool:
    user = options.get("u", call.user)
    return (
        (user == "all" or task.request.user == user)
        and options.get("J", task.request.name) in (task.request.name, name(task))
        and options.get("q", task.request.queue) == task.request.queue
    )


def options_of(call: Call, known: str, mixed: bool = True) -> tuple[dict[str, str], list[str]]:
    """The options of a call, in LSF's manner: one dash, long names, `=` in `known` marks those that take a value.

    :param mixed: options may follow other arguments.
    :raises Failed: an option is not known, or its value is missing.
    """
    kinds = {word.rstrip("="): word.endswith("=") for word in known.split()}
    found: dict[str, str] = {}
    words = list(call.arguments)
    rest: list[str] = []
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word == "-":
            rest.append(word)
            if not mixed:
                rest += words
                break
            continue
        option = word[1:]
        if option not in kinds:
            raise Failed(f"{call.command}: illegal option -- {option[:1]}\n{usage(call.command)}", 255)
        if not kinds[option]:
            found[option] = ""
        elif words:
            value = words.pop(0)
            found[option] = f"{found[option]} {value}" if option == "R" and option in found else value
        else:
            raise Failed(f"{call.command}: option requires an argument -- {option}\n{usage(call.command)}", 255)
    return found, rest


def refuse_unsimulated(call: Call, options: dict[str, str], *names: str) -> None:
    """Fail where an option is real, but not simulated."""
    for each in names:
        if each in options:
            raise Failed(f"{call.command}: the simulated cluster does not simulate -{each}", 70)


def usage(command: str) -> str:
    """What LSF's commands print where their arguments are wrong."""
    return f"Usage: {command} [options]\nType '{command} -h' for help"
