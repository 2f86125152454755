"""sacct: what the accounting keeps of jobs and of their batch steps."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import NamedTuple

from .arguments import Grammar
from .frontend import Call, Failed, Result
from .model import End, State, Task
from .slurm import STATES, VERSION, Slurm, long_duration, parse_options, state
from .slurm_fields import Row, elapsed, exit_code, job_id, kept_state, limit, memory, reason, rows, stamp

SACCT = Grammar(
    "a|allusers A|accounts= array b|brief B|batch-script C|constraints= c|completion M|clusters= delimiter= "
    "D|duplicates E|endtime= e|helpformat env-vars F|flags= federation f|file= o|format= g|gid= group= h|help "
    "j|jobs= k|timelimit-min= K|timelimit-max= L|allclusters l|long local name= N|nodelist= n|noheader "
    "noconvert P|parsable2 p|parsable r|partition= q|qos= R|reason= s|state= S|starttime= T|truncate u|user= "
    "uid= usage units= V|version v|verbose W|wckeys= whole-hetjob? x|associations= X|allocations use-local- "
    "uid"
)


class Line(NamedTuple):
    """A job, or its batch step."""

    row: Row
    batch: bool

    @property
    def task(self) -> Task:
        """The task that the line is about."""
        return self.row.task


def _step_state(line: Line) -> str:
    task = line.task
    if not line.batch:
        return kept_state(task)
    if task.end in (End.CANCELLED, End.TIME, End.NODE, End.PREEMPTED) or (task.end is End.EXIT and task.signal):
        return "CANCELLED"
    return state(task)


def _step_exit(line: Line) -> str:
    task = line.task
    if line.batch and task.end in (End.CANCELLED, End.TIME, End.PREEMPTED):
        return "0:15"
    if line.batch and task.end is End.NODE:
        return ""
    return ":".join(str(number) for number in exit_code(task, kept=True))


def _for_job(value: Callable[[Task], object], batch: str = "") -> Callable[[Line], object]:
    return lambda line: batch if line.batch else value(line.task)


def _for_step(value: Callable[[Task], object]) -> Callable[[Line], object]:
    return lambda line: value(line.task) if line.batch else ""


def _cpu(task: Task) -> str:
    minutes, seconds = divmod(task.cpu_seconds, 60)
    return f"{int(minutes):02}:{int(seconds):02}.{int(seconds * 1000) % 1000:03}"


def _suffix(line: Line) -> str:
    return ".batch" if line.batch else ""


FIELDS: dict[str, tuple[str, int, Callable[[Line], object]]] = {
    name.lower(): (name, width, value)
    for name, width, value in (
        ("Account", 10, lambda line: line.task.request.notes["account"]),
        ("AllocCPUS", 10, lambda line: line.task.request.cpus),
        ("AllocNodes", 10, lambda line: int(line.task.started is not None)),
        ("AveRSS", 10, _for_step(lambda task: f"{task.rss // 1024}K" if task.ended else "")),
        ("Cluster", 10, lambda line: "ci"),
        ("Comment", 14, _for_job(lambda task: task.request.notes["comment"])),
        ("CPUTime", 10, lambda line: long_duration(elapsed(line.task) * line.task.request.cpus)),
        ("CPUTimeRAW", 10, lambda line: elapsed(line.task) * line.task.request.cpus),
        ("DerivedExitCode", 15, _for_job(lambda task: "0:0")),
        ("Elapsed", 10, lambda line: long_duration(elapsed(line.task))),
        ("ElapsedRaw", 10, lambda line: elapsed(line.task)),
        ("Eligible", 19, lambda line: stamp(line.task.submitted)),
        ("End", 19, lambda line: stamp(line.task.ended, "Unknown")),
        ("ExitCode", 8, _step_exit),
        ("JobID", -12, lambda line: job_id(line.row) + _suffix(line)),
        ("JobIDRaw", -12, lambda line: f"{line.task.raw}{_suffix(line)}"),
        ("JobName", 10, _for_job(lambda task: task.request.name, "batch")),
        ("MaxRSS", 10, _for_step(lambda task: f"{task.rss // 1024}K" if task.ended else "")),
        ("NCPUS", 10, lambda line: line.task.request.cpus),
        ("NNodes", 8, lambda line: 1),
        ("NodeList", 15, lambda line: line.task.host or "None assigned"),
        ("NTasks", 8, _for_step(lambda task: 1)),
        ("Partition", 10, _for_job(lambda task: task.request.queue)),
        ("Priority", 10, _for_job(lambda task: 4294901760 - task.job)),
        ("QOS", 10, _for_job(lambda task: task.request.notes["qos"])),
        ("Reason", 22, _for_job(lambda task: reason(task) if task.state is State.PENDING else "None")),
        ("ReqCPUS", 8, lambda line: line.task.request.cpus),
        ("ReqMem", 10, _for_job(lambda task: memory(task.request.memory))),
        ("Start", 19, lambda line: stamp(line.task.started, "Unknown")),
        ("State", 10, _step_state),
        ("Submit", 19, lambda line: stamp(line.task.submitted if not line.batch else line.task.started)),
        ("SubmitLine", 20, _for_job(lambda task: task.request.notes["submit_line"])),
        ("Timelimit", 10, _for_job(lambda task: limit(task.request.seconds))),
        ("TimelimitRaw", 12, _for_job(lambda task: int((task.request.seconds or 0) / 60) or "UNLIMITED")),
        ("TotalCPU", 10, lambda line: _cpu(line.task)),
        ("UID", 6, _for_job(lambda task: task.request.notes["uid"])),
        ("User", 9, _for_job(lambda task: task.request.user)),
        ("WorkDir", 20, _for_job(lambda task: task.request.notes["directory"])),
    )
}
DEFAULT = "jobid,jobname,partition,account,alloccpus,state,exitcode"


def sacct(slurm: Slurm, call: Call) -> Result:
    """Show the accounting."""
    found, _ = parse_options(call, SACCT, hint=False)
    options = dict(found)
    if "version" in options:
        return Result(0, f"{VERSION}\n")
    columns = _columns("jobid,state,exitcode" if "brief" in options else options.get("format", DEFAULT))
    if not slurm.engine.faults.history:
        raise Failed("Slurm accounting storage is disabled")
    lines = _lines(_chosen(slurm, call, options), options)
    if "parsable2" in options or "parsable" in options:
        between = options.get("delimiter", "|")
        end = between if "parsable2" not in options else ""
        table = [[header for header, _, _ in columns]] if "noheader" not in options else []
        table += [[str(value(line)) for _, _, value in columns] for line in lines]
        return Result(0, "".join(between.join(row) + end + "\n" for row in table))
    return Result(0, _aligned(columns, lines, "noheader" in options))


Column = tuple[str, int, Callable[[Line], object]]


def _columns(text: str) -> list[Column]:
    columns = []
    for word in text.split(","):
        name, _, size = word.partition("%")
        matches = [full for full in FIELDS if full.startswith(name.strip().lower())]
        exact = name.strip().lower()
        if not name.strip() or not matches:
            raise Failed(f'sacct: error: Invalid field requested: "{name}"')
        header, width, value = FIELDS[exact if exact in FIELDS else matches[0]]
        columns.append((header, int(size) if size else width, value))
    return columns


def _aligned(columns: list[Column], lines: list[Line], bare: bool) -> str:
    def cell(text: str, width: int) -> str:
        cut = text if len(text) <= abs(width) else text[: abs(width) - 1] + "+"
        return cut.ljust(-width) if width < 0 else cut.rjust(width)

    table = []
    if not bare:
        table.append([cell(header, width) for header, width, _ in columns])
        table.append(["-" * abs(width) for _, width, _ in columns])
    table += [[cell(str(value(line)), width) for _, width, value in columns] for line in lines]
    return "".join(" ".join(row) + " \n" for row in table)


def _lines(tasks: list[Task], options: dict[str, str]) -> list[Line]:
    lines = []
    for row in rows(tasks, each="array" in options):
        lines.append(Line(row, batch=False))
        if row.task.started is not None and "allocations" not in options:
            lines.append(Line(row, batch=True))
    return lines


def _chosen(slurm: Slurm, call: Call, options: dict[str, str]) -> list[Task]:
    tasks = slurm.engine.shown(history=True)
    if "jobs" in options:
        wanted = _keys(options["jobs"])
        tasks = [
            task
            for task in tasks
            if any(job in (task.job, task.raw) and index in (None, task.index) for job, index in wanted)
        ]
    states = [word.upper() for word in options.get("state", "").split(",") if word]
    full = {short: name for name, short in STATES.items()}
    for word in states:
        if word not in STATES and word not in full:
            raise Failed(f"sacct: fatal: unrecognized job state value '{word.lower()}'")
    since = _time(options.get("starttime", "")) if "starttime" in options else 0.0
    until = _time(options.get("endtime", "")) if "endtime" in options else float("inf")
    names = options.get("name", "").split(",") if "name" in options else []
    users = options.get("user", "").split(",") if "user" in options else []
    if not users and "allusers" not in options and call.uid != 0:
        users = [call.user]
    return [
        task
        for task in tasks
        if (not states or state(task) in [full.get(word, word) for word in states])
        and (task.ended is None or task.ended >= since)
        and task.submitted <= until
        and (not names or task.request.name in names)
        and (not users or task.request.user in users or str(task.request.notes["uid"]) in users)
    ]


def _keys(text: str) -> list[tuple[int, int | None]]:
    keys = []
    for word in text.split(","):
        match = re.fullmatch(r"(\d+)(?:_(\d+))?(?:\..*)?", word)
        if not match:
            raise Failed(f"sacct: fatal: Bad job/step specified: {word}")
        keys.append((int(match[1]), int(match[2]) if match[2] else None))
    return keys


def _time(text: str) -> float:
    match = re.fullmatch(r"now(?:([-+])(\d+)(seconds|minutes|hours|days|weeks)?)?", text)
    if match:
        units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}
        away = int(match[2] or 0) * units[match[3] or "seconds"]
        return time.time() + (away if match[1] == "+" else -away)
    for pattern in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"):
        try:
            return time.mktime(time.strptime(text, pattern))
        except ValueError:
            continue
    match = re.fullmatch(r"(\d\d):(\d\d)(?::(\d\d))?", text)
    if not match:
        raise Failed(f"Invalid time specification (pos=0): {text}")
    midnight = time.mktime((*time.localtime()[:3], 0, 0, 0, 0, 0, -1))
    return midnight + int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)
