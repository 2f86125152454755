"""squeue: what the queue shows, in the formats of `-o` and `-O`."""

from __future__ import annotations

import pwd
import re
import time
from collections.abc import Callable

from .arguments import Grammar
from .frontend import Call, Failed, Result
from .model import End, Task
from .slurm import STATES, VERSION, Slurm, duration, numbers, parse_options, state
from .slurm_fields import Row, elapsed, exit_code, job_id, memory, reason, rows, stamp, task_ids
from .slurm_submit import files

SQUEUE = Grammar(
    "A|account= a|all array-unique federation h|noheader hide i|iterate= j|jobs= local l|long L|licenses= "
    "M|clusters= me n|name= noconvert o|format= O|Format= p|partition= q|qos= R|reservation= r|array sibling "
    "s|steps= S|sort= start t|states= u|user= v|verbose V|version w|nodelist= help usage only-job-state"
)
DEFAULT = "%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R"
LONG = "%.18i %.9P %.8j %.8u %.8T %.10M %.9l %.6D %R"
Value = Callable[[Row], object]


def _nodes_or_reason(row: Row) -> str:
    task = row.task
    if state(task) in ("RUNNING", "COMPLETED", "COMPLETING"):
        return str(task.host)
    return f"({reason(task)})"


def _end(row: Row) -> str:
    task = row.task
    if task.ended is None and task.started is not None and task.request.seconds is not None:
        return stamp(task.started + task.request.seconds)
    return stamp(task.ended)


def _limit(row: Row) -> str:
    seconds = row.task.request.seconds
    return "UNLIMITED" if seconds is None else duration(seconds)


def _left(row: Row) -> str:
    seconds = row.task.request.seconds
    return "UNLIMITED" if seconds is None else duration(max(0, seconds - elapsed(row.task)))


def _wait_status(row: Row) -> int:
    """What the kernel says of a process, status and signal in one number; out of memory counts as a dumped core."""
    status, number = exit_code(row.task)
    return status << 8 | number | (0x80 if row.task.end is End.MEMORY else 0)


def _memory(row: Row) -> str:
    request = row.task.request
    return memory(request.memory // request.cpus if request.notes["per_cpu"] else request.memory)


VALUES: dict[str, tuple[str, Value]] = {
    "i": ("JOBID", job_id),
    "A": ("JOBID", lambda row: row.task.raw),
    "F": ("ARRAY_JOB_ID", lambda row: row.task.job),
    "K": ("ARRAY_TASK_ID", task_ids),
    "T": ("STATE", lambda row: state(row.task)),
    "t": ("ST", lambda row: STATES[state(row.task)]),
    "r": ("REASON", lambda row: reason(row.task)),
    "R": ("NODELIST(REASON)", _nodes_or_reason),
    "j": ("NAME", lambda row: row.task.request.name),
    "u": ("USER", lambda row: row.task.request.user),
    "U": ("USER", lambda row: row.task.request.notes["uid"]),
    "M": ("TIME", lambda row: duration(elapsed(row.task))),
    "l": ("TIME_LIMIT", _limit),
    "L": ("TIME_LEFT", _left),
    "D": ("NODES", lambda row: 1),
    "C": ("CPUS", lambda row: row.task.request.cpus),
    "N": ("NODELIST", lambda row: row.task.host or ""),
    "B": ("EXEC_HOST", lambda row: row.task.host or "n/a"),
    "V": ("SUBMIT_TIME", lambda row: stamp(row.task.submitted)),
    "S": ("START_TIME", lambda row: stamp(row.task.started)),
    "e": ("END_TIME", _end),
    "m": ("MIN_MEMORY", _memory),
    "P": ("PARTITION", lambda row: row.task.request.queue),
    "Z": ("WORK_DIR", lambda row: row.task.request.notes["directory"]),
    "a": ("ACCOUNT", lambda row: row.task.request.notes["account"]),
    "q": ("QOS", lambda row: row.task.request.notes["qos"]),
    "Q": ("PRIORITY", lambda row: 0 if row.task.held else 4294901760 - row.task.job),
    "k": ("COMMENT", lambda row: row.task.request.notes["comment"] or "(null)"),
    "o": ("COMMAND", lambda row: row.task.request.notes["script"].path or "(null)"),
}
LONG_NAMES: dict[str, tuple[str, Value]] = {
    "account": VALUES["a"],
    "arrayjobid": VALUES["F"],
    "arraytaskid": VALUES["K"],
    "batchhost": VALUES["B"],
    "comment": VALUES["k"],
    "command": VALUES["o"],
    "endtime": VALUES["e"],
    "exit_code": ("EXIT_CODE", _wait_status),
    "jobarrayid": VALUES["i"],
    "jobid": VALUES["A"],
    "minmemory": VALUES["m"],
    "name": VALUES["j"],
    "nodelist": VALUES["N"],
    "numcpus": VALUES["C"],
    "numnodes": VALUES["D"],
    "partition": VALUES["P"],
    "priority": VALUES["Q"],
    "qos": VALUES["q"],
    "reason": VALUES["r"],
    "reasonlist": VALUES["R"],
    "restartcnt": ("RESTART_COUNT", lambda row: max(0, row.task.starts - 1)),
    "starttime": VALUES["S"],
    "state": VALUES["T"],
    "statecompact": VALUES["t"],
    "stderr": ("STDERR", lambda row: files(row.task)[1]),
    "stdout": ("STDOUT", lambda row: files(row.task)[0]),
    "submittime": VALUES["V"],
    "timeleft": VALUES["L"],
    "timelimit": VALUES["l"],
    "timeused": VALUES["M"],
    "userid": VALUES["U"],
    "username": VALUES["u"],
    "workdir": VALUES["Z"],
}


def squeue(slurm: Slurm, call: Call) -> Result:
    """Show the queue."""
    found, rest = parse_options(call, SQUEUE)
    options = dict(found)
    if "version" in options:
        return Result(0, f"{VERSION}\n")
    if rest:
        raise Failed(f"squeue: error: Unrecognized option: {rest[0]}")
    tasks, complaint = _chosen(slurm, call, options)
    lines = rows(tasks, each="array" in options)
    lines.sort(key=lambda row: (row.task.request.queue, STATES[state(row.task)]))
    formatted = _long_format(options["Format"]) if "Format" in options else _format(options)
    header = [] if "noheader" in options else [formatted(None)]
    if "long" in options and "noheader" not in options:
        header.insert(0, time.strftime("%a %b %d %H:%M:%S %Y"))
    return Result(0, "".join(line + "\n" for line in header + [formatted(row) for row in lines]), complaint)


def _chosen(slurm: Slurm, call: Call, options: dict[str, str]) -> tuple[list[Task], str]:
    complaint = ""
    tasks = slurm.engine.shown()
    if "jobs" in options:
        tasks = _by_number(tasks, options["jobs"])
    wanted = _states(options.get("states", ""))
    if wanted:
        tasks = [task for task in tasks if state(task) in wanted]
    users = [call.user] if "me" in options else _listed(options, "user")
    for user in users:
        if not user.isdigit() and not _is_user(user):
            complaint += f"squeue: error: Invalid user: {user}\n\n"
    users = [user for user in users if user.isdigit() or _is_user(user)]
    names, partitions = _listed(options, "name"), _listed(options, "partition")
    return [
        task
        for task in tasks
        if (not names or task.request.name in names)
        and (not partitions or task.request.queue in partitions)
        and (not users or task.request.user in users or str(task.request.notes["uid"]) in users)
    ], complaint


def _listed(options: dict[str, str], name: str) -> list[str]:
    return [word for word in options.get(name, "").split(",") if word]


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _by_number(tasks: list[Task], text: str) -> list[Task]:
    words = re.findall(r"[^,\[]+(?:\[[^\]]*\])?", text)
    keys: list[tuple[int, int | None]] = []
    for word in words:
        job, _, index = word.partition("_")
        try:
            keys += [(int(job), each) for each in numbers(index.strip("[]"))] if index else [(int(job), None)]
        except ValueError:
            raise Failed(f"squeue: error: Invalid job id: {word}") from None
    chosen = [
        task for task in tasks if (task.job, None) in keys or (task.job, task.index) in keys or (task.raw, None) in keys
    ]
    if len(words) == 1 and not any(keys[0][0] in (task.job, task.raw) for task in tasks):
        raise Failed("slurm_load_jobs error: Invalid job id specified")
    return chosen


def _states(text: str) -> list[str]:
    words = [word.upper() for word in text.split(",") if word]
    if "ALL" in words:
        return []
    if not words:
        return ["PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING"]
    full = {short: name for name, short in STATES.items()}
    for word in words:
        if word not in STATES and word not in full:
            raise Failed(
                f"squeue: error: Invalid job state specified: {word}\n"
                f"squeue: error: Valid job states include: {','.join(STATES)}\n"
            )
    return [full.get(word, word) for word in words]


def _format(options: dict[str, str]) -> Callable[[Row | None], str]:
    pattern = options.get("format", LONG if "long" in options else DEFAULT)

    def line(row: Row | None) -> str:
        def one(match: re.Match[str]) -> str:
            header, value = VALUES[match[3]]
            text = header if row is None else str(value(row))
            return _sized(text, int(match[2] or 0), bool(match[1]))

        return re.sub(r"%(\.?)(\d*)([a-zA-Z])", one, pattern)

    for letter in re.findall(r"%\.?\d*([a-zA-Z])", pattern):
        if letter not in VALUES:
            raise Failed(f"squeue: the simulated cluster does not simulate the format %{letter}", 70)
    return line


def _long_format(pattern: str) -> Callable[[Row | None], str]:
    columns: list[tuple[str, Value, int, bool, str]] = []
    for word in pattern.split(","):
        name, colon, size = word.partition(":")
        if name.strip().lower() not in LONG_NAMES:
            raise Failed(f"squeue: error: Invalid job format specification: {name}", 0)
        match = re.fullmatch(r"(\.?)(\d*)(.*)", size)
        assert match is not None
        width = int(match[2]) if match[2] else (0 if colon else 20)
        columns.append((*LONG_NAMES[name.strip().lower()], width, bool(match[1]), match[3]))

    def line(row: Row | None) -> str:
        return "".join(
            _sized(header if row is None else str(value(row)), width, right) + suffix
            for header, value, width, right, suffix in columns
        )

    return line


def _sized(text: str, width: int, right: bool) -> str:
    if not width:
        return text
    return text[:width].rjust(width) if right else text[:width].ljust(width)
