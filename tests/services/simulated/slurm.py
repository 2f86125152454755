"""Slurm's commands over the engine, worded as Slurm 22.05 words them; this module has scancel, and what they share.

There are two partitions, as in the real cluster of the tests: `main*` with all hosts, and `short`, ten minutes at
most, with the first host alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .arguments import BadOption, Grammar
from .frontend import Call, Command, Failed, FrontEnd, Result
from .model import End, State, Task

VERSION = "slurm-wlm 22.05.8"
CONNECT = "Unable to contact slurm controller (connect failure)"
STATES = {
    "PENDING": "PD",
    "RUNNING": "R",
    "SUSPENDED": "S",
    "COMPLETED": "CD",
    "CANCELLED": "CA",
    "FAILED": "F",
    "TIMEOUT": "TO",
    "NODE_FAIL": "NF",
    "PREEMPTED": "PR",
    "BOOT_FAIL": "BF",
    "DEADLINE": "DL",
    "OUT_OF_MEMORY": "OOM",
    "COMPLETING": "CG",
    "CONFIGURING": "CF",
    "RESIZING": "RS",
    "RESV_DEL_HOLD": "RD",
    "REQUEUED": "RQ",
    "REQUEUE_FED": "RF",
    "REQUEUE_HOLD": "RH",
    "REVOKED": "RV",
    "SIGNALING": "SI",
    "SPECIAL_EXIT": "SE",
    "STAGE_OUT": "SO",
    "STOPPED": "ST",
}
ENDS = {
    End.MEMORY: "OUT_OF_MEMORY",
    End.TIME: "TIMEOUT",
    End.CANCELLED: "CANCELLED",
    End.NODE: "NODE_FAIL",
    End.PREEMPTED: "PREEMPTED",
    End.LAUNCH: "FAILED",
}


def state(task: Task) -> str:
    """The state of a task in Slurm's words."""
    if task.state is State.PENDING:
        return "PENDING"
    if task.state is not State.ENDED:
        return "RUNNING"
    if task.end is None or task.end is End.EXIT:
        return "COMPLETED" if task.status == 0 and task.signal == 0 else "FAILED"
    return ENDS[task.end]


def parse_options(call: Call, grammar: Grammar, status: int = 1, mixed: bool = True, hint: bool = True) -> Parsed:
    """The options of a call, refused as Slurm's commands refuse them."""
    try:
        return grammar.parse(call.arguments, mixed)
    except BadOption as bad:
        more = f'\nTry "{call.command} --help" for more information' if hint else ""
        raise Failed(f"{call.command}: {bad}{more}", status) from None


Parsed = tuple[list[tuple[str, str]], list[str]]


def host_list(names: Iterable[str]) -> str:
    """Names of hosts as Slurm folds them: n[1-2,4]."""
    groups: dict[str, list[int]] = {}
    plain = []
    for name in dict.fromkeys(names):
        match = re.fullmatch(r"(.*?)(\d+)", name)
        if match:
            groups.setdefault(match[1], []).append(int(match[2]))
        else:
            plain.append(name)
    folded = [
        f"{prefix}{numbers[0]}" if len(numbers) == 1 else f"{prefix}[{number_list(sorted(numbers))}]"
        for prefix, numbers in groups.items()
    ]
    return ",".join(plain + folded)


def number_list(numbers: list[int]) -> str:
    """Numbers as Slurm folds them: 1-3,5."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][-1] == number - 1:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    return ",".join(str(each[0]) if len(each) == 1 else f"{each[0]}-{each[-1]}" for each in ranges)


def duration(seconds: float) -> str:
    """Seconds as D-HH:MM:SS without what leads in vain, as squeue shows them."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}-{hour:02}:{minute:02}:{second:02}"
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def long_duration(seconds: float) -> str:
    """Seconds as [D-]HH:MM:SS, as sacct shows them."""
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    return (f"{days}-" if days else "") + f"{hours:02}:{rest // 60:02}:{rest % 60:02}"


class Slurm(FrontEnd):
    """The front end; the other commands are in modules of their own."""

    numbers_elements = True
    partitions = {"main": None, "short": 600.0}
    """The most seconds that each lets jobs run."""

    default_seconds = {"main": 3600.0, "short": 300.0}

    def commands(self) -> dict[str, Command]:
        from . import slurm_accounting, slurm_control, slurm_queue, slurm_submit

        return {
            "sbatch": lambda call: slurm_submit.sbatch(self, call),
            "squeue": lambda call: slurm_queue.squeue(self, call),
            "sacct": lambda call: slurm_accounting.sacct(self, call),
            "scontrol": lambda call: slurm_control.scontrol(self, call),
            "sinfo": lambda call: slurm_control.sinfo(self, call),
            "scancel": self.scancel,
        }

    def unreachable(self, call: Call) -> Result:
        from . import slurm_control

        if call.command == "scontrol":
            return slurm_control.unreachable(call)
        jobs = [word for word in call.arguments if word[0].isdigit()]
        errors = {
            "sbatch": f"sbatch: error: Batch job submission failed: {CONNECT}\n",
            "squeue": f"slurm_load_jobs error: {CONNECT}\n",
            "sinfo": f"slurm_load_partitions: {CONNECT}\n",
            "scancel": "".join(f"scancel: error: Kill job error on job id {job}: {CONNECT}\n" for job in jobs)
            or f"slurm_load_jobs error: {CONNECT}\n",
            "sacct": (
                "sacct: error: slurm_persist_conn_open_without_init: failed to open persistent connection to "
                "host:127.0.0.1:6819: Connection refused\n"
                "sacct: error: Sending PersistInit msg: Connection refused\n"
                "sacct: error: Problem talking to the database: Connection refused\n"
            ),
        }
        status = 8 if call.command == "scancel" and jobs else 1  # the real one adds up what went wrong, oddly
        return Result(status, "", errors[call.command])

    def hosts_of(self, partition: str) -> frozenset[str] | None:
        """The hosts of a partition; `None` for all."""
        return None if partition == "main" else frozenset([self.engine.hosts[0].name])

    def hosts_named(self, text: str) -> frozenset[str]:
        """Hosts from a list as users write it, such as n[1-2],m3."""
        names: set[str] = set()
        for word in re.findall(r"[^,\[]+(?:\[[^\]]*\])?", text):
            prefix, bracket, inside = word.partition("[")
            names.update([word] if not bracket else [f"{prefix}{one}" for one in numbers(inside.rstrip("]"))])
        return frozenset(names)

    def scancel(self, call: Call) -> Result:
        """End jobs."""
        found, rest = parse_options(call, SCANCEL)
        options = dict(found)
        if "version" in options:
            return Result(0, f"{VERSION}\n")
        if not rest and not set(options) & {"name", "user", "state", "partition", "me", "account", "nodelist"}:
            raise Failed("scancel: error: No job identification provided")
        wanted = options.get("state", "").upper()
        if wanted and wanted not in ("PENDING", "RUNNING", "SUSPENDED", "PD", "R", "S"):
            message = f"Invalid job state specified: {options['state']}"
            raise Failed(f"{message}\nValid job states are PENDING, RUNNING, and SUSPENDED")
        tasks = self.engine.shown()
        if rest:
            keys = [key for word in rest for key in self._job_keys(word)]
            tasks = [task for task in tasks if (task.job, None) in keys or (task.job, task.index) in keys
                     or (task.raw, None) in keys]  # fmt: skip
        user = call.user if "me" in options else options.get("user")
        for task in tasks:
            if (
                options.get("name", task.request.name) == task.request.name
                and (user or task.request.user) == task.request.user
                and options.get("partition", task.request.queue) == task.request.queue
                and (not wanted or wanted in (state(task), STATES[state(task)]))
            ):
                self.engine.end(task, End.CANCELLED)
        return Result()

    def _job_keys(self, word: str) -> list[tuple[int, int | None]]:
        job, _, index = word.partition("_")
        try:
            if not index:
                return [(int(job), None)]
            return [(int(job), each) for each in numbers(index.strip("[]"))]
        except ValueError:
            raise Failed(f"scancel: error: Invalid job id {word}") from None


def numbers(text: str) -> list[int]:
    """Numbers as users list them: 1,3-5,6-10:2.

    :raises ValueError: the text is no such list.
    """
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+)(?::(\d+))?)?", part)
        if not match or (match[2] and int(match[2]) < int(match[1])):
            raise ValueError(text)
        found += range(int(match[1]), int(match[2] or match[1]) + 1, int(match[3] or 1))
    return sorted(dict.fromkeys(found))


SCANCEL = Grammar(
    "A|account= b|batch ctld f|full H|hurry help i|interactive M|clusters= me n|name= jobname= p|partition= "
    "Q|quiet q|qos= R|reservation= s|signal= sibling= t|state= u|user= usage v|verbose V|version w|nodelist= "
    "wckey="
)
