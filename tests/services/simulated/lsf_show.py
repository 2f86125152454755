"""bjobs, bhist and bacct: what the queue and the history show of jobs."""

from __future__ import annotations

import re
import socket
import textwrap
import time
from collections.abc import Callable

from .frontend import Call, Failed, Result
from .lsf import REASONS, Lsf, clock, exit_code, name, number, options_of, refuse_unsimulated, status
from .lsf_submit import file_of
from .model import End, State, Task

Value = Callable[[Task], object]
BJOBS = (
    "a d r p s w l UF X noheader o= json u= J= q= m= P= g= G= A N aff sum hms W h V x pe pi psum rusage= app= "
    "data stage env script Jd="
)
UNFINISHED = ("PEND", "PSUSP", "RUN", "UNKWN")


def _exit_code(task: Task) -> object:
    return exit_code(task) if task.state is State.ENDED and exit_code(task) else "-"


def _short_time(seconds: float | None) -> str:
    return "-" if seconds is None else time.strftime("%b %e %H:%M", time.localtime(seconds))


def _finish_time(task: Task) -> str:
    if task.ended is None:
        return "-"
    return _short_time(task.ended) + (" E" if task.end is not End.TIME else " L")


def _run_time(task: Task) -> str:
    if task.started is None:
        return "0 second(s)"
    return f"{int((task.ended or time.time()) - task.started)} second(s)"


def _memory(mebibytes: float | None) -> str:
    if not mebibytes:
        return "-"
    return f"{mebibytes / 1024:.1f} Gbytes" if mebibytes >= 1024 else f"{mebibytes:.0f} Mbytes"


def _hosts(task: Task) -> str:
    if task.host is None:
        return "-"
    return task.host if task.request.cpus == 1 else f"{task.request.cpus}*{task.host}"


def _pending_reason(task: Task) -> str:
    if task.state is not State.PENDING:
        return "-"
    return "The job was suspended by the user while it was pending;" if task.held else "Not enough slots or resources;"


FIELDS: dict[str, Value] = {
    "jobid": lambda task: task.job,
    "jobindex": lambda task: task.index or 0,
    "stat": status,
    "user": lambda task: task.request.user,
    "queue": lambda task: task.request.queue,
    "job_name": name,
    "job_description": lambda task: task.request.notes["description"] or "-",
    "proj_name": lambda task: task.request.notes["project"],
    "exit_code": _exit_code,
    "exit_reason": lambda task: REASONS.get(task.end or End.EXIT, "-"),
    "exec_host": _hosts,
    "first_host": lambda task: task.host or "-",
    "from_host": lambda task: socket.gethostname(),
    "submit_time": lambda task: _short_time(task.submitted),
    "start_time": lambda task: _short_time(task.started),
    "finish_time": _finish_time,
    "run_time": _run_time,
    "cpu_used": lambda task: f"{task.cpu_seconds:.1f} second(s)",
    "mem": lambda task: _memory((task.rss / 2**20) if task.state is State.RUNNING else None),
    "max_mem": lambda task: _memory(task.rss / 2**20),
    "avg_mem": lambda task: _memory(task.rss / 2**20),
    "memlimit": lambda task: _memory(task.request.notes["memory_limit"]),
    "runtimelimit": lambda task: (
        "-" if task.request.notes["run_limit"] is None else f"{task.request.notes['run_limit'] / 60:.1f}/{task.host}"
    ),
    "pend_reason": _pending_reason,
    "command": lambda task: task.request.notes["command"],
    "sub_cwd": lambda task: task.request.notes["submit_directory"],
    "exec_cwd": lambda task: task.request.notes["directory"],
    "output_file": lambda task: file_of(task, "output") or "-",
    "error_file": lambda task: file_of(task, "error") or "-",
    "slots": lambda task: task.request.cpus if task.host else "-",
    "nalloc_slot": lambda task: task.request.cpus if task.host else "-",
    "nreq_slot": lambda task: task.request.cpus,
    "pids": lambda task: task.pid or "-",
}
ALIASES = {"id": "jobid", "name": "job_name", "index": "jobindex", "q": "queue", "description": "job_description",
           "project": "proj_name", "proj": "proj_name", "cmd": "command", "runlimit": "runtimelimit",
           "ugroup": "user"}  # fmt: skip


def bjobs(lsf: Lsf, call: Call) -> Result:
    """Show the queue."""
    options, rest = options_of(call, BJOBS)
    refuse_unsimulated(call, options, "sum", "aff", "env", "script", "data", "A")
    columns, delimiter = _columns(options["o"]) if "o" in options else ([], None)
    tasks, missing = _chosen(lsf, call, options, rest)
    if "json" in options and "o" in options:
        return _json(columns, tasks, missing)
    err = "".join(f"Job <{word}> is not found\n" for word in missing)
    if not tasks and not missing:
        return Result(255 if not rest else 0, "", _nothing(options))
    if "l" in options or "UF" in options:
        out = ("-" * 78 + "\n").join(_long(task, wrap="l" in options) for task in tasks)
    elif columns:
        out = _table(columns, delimiter, tasks, "noheader" in options)
    else:
        out = _plain(tasks, "noheader" in options, wide="w" in options)
    return Result(255 if missing and len(missing) == len(rest) else 0, out, err)


def _nothing(options: dict[str, str]) -> str:
    kind = "unfinished" if "a" not in options else ""
    for option, word in (("d", "DONE/EXIT"), ("r", "running"), ("p", "pending")):
        kind = word if option in options else kind
    return f"No {kind + ' ' if kind else ''}job found\n"


def _chosen(lsf: Lsf, call: Call, options: dict[str, str], rest: list[str]) -> tuple[list[Task], list[str]]:
    tasks = lsf.engine.shown()
    missing: list[str] = []
    wanted: tuple[str, ...] = UNFINISHED
    if rest:
        tasks, missing = lsf.find(rest, tasks)
    if rest or "a" in options:
        wanted = (*UNFINISHED, "DONE", "EXIT")
    for option, states in (("d", ("DONE", "EXIT")), ("r", ("RUN",)), ("p", ("PEND",)), ("s", ("PSUSP",))):
        wanted = states if option in options else wanted
    user = options.get("u", "all" if rest else call.user)
    names = options.get("J")
    return [
        task
        for task in tasks
        if status(task) in wanted
        and user in ("all", task.request.user)
        and (names is None or names in (task.request.name, name(task)))
        and options.get("q", task.request.queue) == task.request.queue
    ], missing


Column = tuple[str, Value, int, bool]


def _columns(text: str) -> tuple[list[Column], str | None]:
    match = re.search(r"""\bdelimiter=(['"])(.)\1""", text)
    delimiter = match[2] if match else None
    words = (text[: match.start()] + text[match.end() :] if match else text).split()
    columns = []
    for word in words:
        field, _, rest = word.partition(":")
        field = ALIASES.get(field.lower(), field.lower())
        if field not in FIELDS:
            raise Failed(f"{field}: Invalid field name for bjobs -o.", 255)
        size = rest.partition(":")[0]
        right = size.startswith("-")
        columns.append((field.upper(), FIELDS[field], int(size.lstrip("-") or 0) if size else 0, right))
    return columns, delimiter


def _table(columns: list[Column], delimiter: str | None, tasks: list[Task], bare: bool) -> str:
    table = [] if bare else [[header for header, _, _, _ in columns]]
    table += [[str(value(task)) for _, value, _, _ in columns] for task in tasks]
    lines = []
    for row in table:
        cells = []
        for text, (_, _, width, right) in zip(row, columns, strict=True):
            cut = text[:width] if width else text
            padded = cut if delimiter or not width else cut.rjust(width) if right else cut.ljust(width)
            cells.append(padded)
        lines.append((delimiter or " ").join(cells) + ("" if delimiter else " ").rstrip() + "\n")
    return "".join(lines)


def _json(columns: list[Column], tasks: list[Task], missing: list[str]) -> Result:
    def quoted(text: object) -> str:
        escaped = str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'

    records = []
    for task in tasks:
        lines = []
        for header, value, _, _ in columns:
            text = "" if str(value(task)) == "-" else value(task)
            lines.append(f"      {quoted(header)}:{quoted(text)}")
        records.append("    {\n" + ",\n".join(lines) + "\n    }")
    for word in missing:
        error = quoted(f"Job <{word}> is not found")
        records.append("    {\n" + f'      "JOBID":{quoted(word)},\n      "ERROR":{error}\n' + "    }")
    body = ",\n".join(records)
    return Result(0, f'{{\n  "COMMAND":"bjobs",\n  "JOBS":{len(records)},\n  "RECORDS":[\n{body}\n  ]\n}}\n')


def _plain(tasks: list[Task], bare: bool, wide: bool) -> str:
    out = "" if bare else "JOBID   USER    STAT  QUEUE      FROM_HOST   EXEC_HOST   JOB_NAME   SUBMIT_TIME\n"
    for task in tasks:
        cells = (
            (task.request.user, 7),
            (status(task), 5),
            (task.request.queue, 10),
            (socket.gethostname(), 11),
            (_hosts(task).replace("-", "") if task.host is None else _hosts(task), 11),
        )
        shown = " ".join((text if wide else text[:width]).ljust(width) for text, width in cells)
        title = name(task)
        if not wide and len(title) > 10:
            title = "*" + title[-9:]
        out += f"{task.job:<7} {shown} {title:<10} {_short_time(task.submitted)}\n"
    return out


def _wrapped(line: str) -> str:
    return "\n".join(textwrap.wrap(line, 79, subsequent_indent=" " * 21, drop_whitespace=False, break_on_hyphens=False))


def _head(task: Task) -> str:
    notes = task.request.notes
    given = f"Job Name <{name(task)}>, " if task.request.name != notes["command"] else ""
    return (
        f"Job <{number(task)}>, {given}User <{task.request.user}>, Project <{notes['project']}>, "
        f"Status <{status(task)}>, Queue <{task.request.queue}>, Command <{notes['command']}>"
    )


def _submitted(task: Task) -> str:
    notes = task.request.notes
    parts = [f"Submitted from host <{socket.gethostname()}>", f"CWD <{notes['submit_directory']}>"]
    for key, title in (("output", "Output File"), ("error", "Error File")):
        if notes[key]:
            parts.append(f"{title} <{notes[key]}>")
    if task.request.cpus > 1:
        parts.append(f"{task.request.cpus} Task(s)")
    if notes["requirement"]:
        parts.append(f"Requested Resources <{notes['requirement']}>")
    return f"{clock(task.submitted)}: {', '.join(parts)};"


def _started(task: Task) -> str:
    notes, cpus, host = task.request.notes, task.request.cpus, _hosts(task)
    return (
        f"{clock(task.started or 0)}: Started {cpus} Task(s) on Host(s) <{host}>, Allocated {cpus} Slot(s) on Host(s) "
        f"<{host}>, Execution Home <{notes['home']}>, Execution CWD <{notes['directory']}>;"
    )


def _completed(task: Task) -> list[str]:
    when = clock(task.ended or 0)
    code = exit_code(task)
    if code == 0:
        return [f"{when}: Done successfully. The CPU time used is {task.cpu_seconds:.1f} seconds;"]
    lines = [f"{when}: Exited with exit code {code}. The CPU time used is {task.cpu_seconds:.1f} seconds;"]
    if task.started is None:
        lines = [f"{when}: Exited; job has been forced to exit with exit code {code};"]
    if task.end in REASONS:
        lines.append(f"{when}: Completed <exit>; {REASONS[task.end]}.")
    else:
        lines.append(f"{when}: Completed <exit>.")
    return lines


def _long(task: Task, wrap: bool) -> str:
    lines = [_head(task) + f", Share group charged </{task.request.user}>", _submitted(task)]
    notes = task.request.notes
    if notes["run_limit"]:
        lines += ["", " RUNLIMIT                ", f" {notes['run_limit'] / 60:.1f} min of {task.host or 'vm'}"]
    if notes["memory_limit"]:
        lines += ["", " MEMLIMIT", f"{notes['memory_limit']:7} M ", ""]
    if task.started is not None:
        lines.append(_started(task))
    if task.state is State.PENDING:
        lines += [" PENDING REASONS:", f" {_pending_reason(task)}"]
    if task.ended is not None:
        lines += _completed(task)
    if task.rss and task.started is not None:
        lines += ["", f" MEMORY USAGE:\n MAX MEM: {_memory(task.rss / 2**20)};  AVG MEM: {_memory(task.rss / 2**20)}"]
    lines += [
        "",
        " SCHEDULING PARAMETERS:",
        "           r15s   r1m  r15m   ut      pg    io   ls    it    tmp    swp    mem",
        " loadSched   -     -     -     -       -     -    -     -     -      -      -  ",
        " loadStop    -     -     -     -       -     -    -     -     -      -      -  ",
        "",
    ]
    wrapped = [_wrapped(line) if wrap and (line.startswith("Job <") or ": " in line[:25]) else line for line in lines]
    return "\n" + "\n".join(wrapped) + "\n"


def _history(lsf: Lsf, call: Call, known: str) -> tuple[dict[str, str], list[Task], list[str]]:
    options, rest = options_of(call, known)
    tasks = lsf.engine.shown(history=True) if lsf.engine.faults.history else []
    found, missing = lsf.find(rest, tasks) if rest else (tasks, [])
    return options, found, missing


def bhist(lsf: Lsf, call: Call) -> Result:
    """Show what the log of events has of jobs."""
    options, tasks, missing = _history(lsf, call, "a d e p r s b l w n= u= J= q= f= t UF h V C= D= S= T=")
    refuse_unsimulated(call, options, "t", "T", "C", "D", "S")
    err = "".join(f"Job <{word}>: No matching job found\n" for word in missing)
    if not tasks:
        return Result(255, "", err or "No matching job found\n")
    if "l" in options or "UF" in options:
        out = ""
        for task in tasks:
            head = _head(task).replace(f"Status <{status(task)}>, Queue <{task.request.queue}>, ", "")
            lines = [head, f"{_submitted(task)[:-1]}, to Queue <{task.request.queue}>;"]
            lines += [_started(task)] if task.started is not None else []
            if task.ended is not None:
                lines += _completed(task)
            out += "\n" + "\n".join(_wrapped(line) if "l" in options else line for line in lines) + "\n" + _spent(task)
        return Result(255 if err else 0, out, err)
    out = "Summary of time in seconds spent in various states:\n"
    out += "JOBID   USER    JOB_NAME  PEND    PSUSP   RUN     USUSP   SSUSP   UNKWN   TOTAL\n"
    for task in tasks:
        pending, running = _times(task)
        title = name(task) if len(name(task)) <= 9 else "*" + name(task)[-8:]
        out += f"{task.job:<7} {task.request.user[:7]:<7} {title:<9} {pending:<7} 0       {running:<7} 0       0       "
        out += f"0       {pending + running}\n"
    return Result(255 if err else 0, out, err)


def _times(task: Task) -> tuple[int, int]:
    now = time.time()
    pending = int((task.started or task.ended or now) - task.submitted)
    running = int((task.ended or now) - task.started) if task.started is not None else 0
    return pending, running


def _spent(task: Task) -> str:
    pending, running = _times(task)
    return (
        f"\nSummary of time in seconds spent in various states by  {clock(task.ended or time.time())}\n"
        "  PEND     PSUSP    RUN      USUSP    SSUSP    UNKWN    TOTAL\n"
        f"  {pending:<8} 0        {running:<8} 0        0        0        {pending + running}\n"
    )


def bacct(lsf: Lsf, call: Call) -> Result:
    """Show what the accounting has of jobs that have ended."""
    options, tasks, missing = _history(lsf, call, "d e l b w u= J= q= C= D= S= T= f= N= U= x h V UF P= m=")
    refuse_unsimulated(call, options, "T", "C", "D", "S", "N")
    tasks = [task for task in tasks if task.ended is not None]
    if not tasks:
        return Result(255, "", "".join(f"Job <{word}>: No matching job found\n" for word in missing)
                      or "No matching job found\n")  # fmt: skip
    out = "\nAccounting information about jobs that are: \n  - submitted by all users.\n"
    out += "  - accounted on all projects.\n  - completed normally or exited\n  - executed on all hosts.\n"
    out += "  - submitted to all queues.\n  - accounted on all service classes.\n" + "-" * 78 + "\n"
    if "l" in options or "UF" in options:
        for task in tasks:
            lines = [_head(task), _submitted(task)]
            lines += [_started(task)] if task.started is not None else []
            end = "Completed <done>." if exit_code(task) == 0 else "Completed <exit>"
            if exit_code(task):
                end += f"; {REASONS[task.end]}." if task.end in REASONS else "."
            lines.append(f"{clock(task.ended or 0)}: {end}")
            out += "\n" + "\n".join(_wrapped(line) if "l" in options else line for line in lines) + "\n\n"
            out += "Accounting information about this job:\n"
            out += "     CPU_T     WAIT     TURNAROUND   STATUS     HOG_FACTOR    MEM    SWAP\n"
            pending, running = _times(task)
            state = "done" if exit_code(task) == 0 else "exit"
            cpu, memory = task.cpu_seconds, task.rss >> 20
            out += f"{cpu:10.2f} {pending:8} {pending + running:14} {state:>8} {0:14.4f} {memory:5}M     0M\n"
            out += "-" * 78 + "\n"
    done = sum(exit_code(task) == 0 for task in tasks)
    out += "\nSUMMARY:      ( time unit: second ) \n"
    out += f" Total number of done jobs:{done:8}      Total number of exited jobs:{len(tasks) - done:6}\n"
    return Result(0, out)
