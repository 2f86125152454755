"""What qstat shows of jobs: briefly, in full, and as XML."""

from __future__ import annotations

import socket
import time
from xml.sax.saxutils import escape

from .model import State, Task
from .torque import exit_status, hms, job_id, state


def elapsed(task: Task) -> float:
    """Seconds that a task has run."""
    return 0.0 if task.started is None else (task.ended or time.time()) - task.started


def used(task: Task) -> str:
    """The resources that a task has used, on one line."""
    return (
        f"resources_used.cput={hms(task.cpu_seconds)} resources_used.mem={task.rss // 1024}kb "
        f"resources_used.vmem={task.rss // 1024}kb resources_used.walltime={hms(elapsed(task))}"
    )


def _attributes(task: Task) -> list[tuple[str, str]]:
    request, notes, host = task.request, task.request.notes, socket.gethostname()
    submitted = time.ctime(task.submitted)
    found = [
        ("Job_Name", request.name + (f"-{task.index}" if task.index is not None else "")),
        ("Job_Owner", f"{request.user}@{host}"),
    ]
    if task.started is not None:
        found += [("resources_used." + one.split("=")[0], one.split("=")[1])
                  for one in used(task).replace("resources_used.", "").split()]  # fmt: skip
    found += [
        ("job_state", state(task)),
        ("queue", request.queue),
        ("server", host),
        ("Checkpoint", "u"),
        ("ctime", submitted),
        ("Error_Path", f"{host}:{notes['error_path'](task)}"),
    ]
    if task.host:
        slots = f"0-{request.cpus - 1}" if request.cpus > 1 else "0"
        found.append(("exec_host", f"{task.host}/{slots}"))
    found += [
        ("Hold_Types", "u" if task.held else "n"),
        ("Join_Path", notes["join"]),
        ("Keep_Files", "n"),
        ("Mail_Points", "a"),
        ("mtime", time.ctime(task.ended or task.started or task.submitted)),
        ("Output_Path", f"{host}:{notes['output_path'](task)}"),
        ("Priority", "0"),
        ("qtime", submitted),
        ("Rerunable", str(request.requeue)),
        *[(f"Resource_List.{name}", value) for name, value in sorted(notes["resources"].items())],
        ("session_id", str(task.pid or 0)),
        ("Variable_List", ",".join(f"{name}={value}" for name, value in notes["variables"].items())),
        ("euser", request.user),
        ("egroup", request.user),
        ("queue_type", "E"),
        ("etime", submitted),
    ]
    if task.ended is not None:
        found.append(("exit_status", str(exit_status(task))))
    found += [("submit_args", notes["submit_args"])]
    if task.index is not None:
        found += [("job_array_id", str(task.index))]
    if task.started is not None:
        found.append(("start_time", time.ctime(task.started)))
        found.append(("start_count", str(task.starts)))
    found += [("fault_tolerant", "False")]
    if task.ended is not None:
        found.append(("comp_time", time.ctime(task.ended)))
    found += [("job_radix", "0"), ("submit_host", host)]
    return found


def full(task: Task, one_line: bool) -> str:
    """What `qstat -f` shows of a task."""
    lines = [f"Job Id: {job_id(task)}"]
    for name, value in _attributes(task):
        line = f"    {name} = {value}"
        lines.append(line if one_line else _folded(line))
    return "\n".join(lines) + "\n\n"


def _folded(line: str) -> str:
    """As Torque folds: after a comma that is the last to fit, or else where the line is full."""
    folded = []
    while len(line) > 80:
        cut = line.rfind(",", 5, 80) + 1 or 80
        folded.append(line[:cut])
        line = "\t" + line[cut:]
    return "\n".join([*folded, line])


def xml(tasks: list[Task]) -> str:
    """What `qstat -x` shows."""
    out = ""
    for task in tasks:
        out += f"<Job><Job_Id>{job_id(task)}</Job_Id>"
        group = ""
        for name, value in _attributes(task):
            outer, _, inner = name.partition(".")
            if group and outer != group:
                out += f"</{group}>"
                group = ""
            if inner and outer != group:
                out += f"<{outer}>"
                group = outer
            out += f"<{inner or outer}>{escape(value)}</{inner or outer}>"
        out += "</Job>"
    return f"<Data>{out}</Data>\n"


def _rows(tasks: list[Task], elements: bool) -> list[tuple[str, Task]]:
    if elements:
        return [(job_id(task), task) for task in tasks]
    arrays: dict[int, Task] = {}
    for task in tasks:
        best = arrays.get(task.job)
        order = [State.RUNNING, State.UNKNOWN, State.PENDING, State.ENDED]
        if best is None or order.index(task.state) < order.index(best.state):
            arrays[task.job] = task
    return [
        (f"{task.job}{'[]' if task.index is not None else ''}.{socket.gethostname()}", task) for task in arrays.values()
    ]


def brief(tasks: list[Task], elements: bool) -> str:
    """What plain qstat shows."""
    if not tasks:
        return ""
    out = "Job ID                    Name             User            Time Use S Queue\n"
    out += "------------------------- ---------------- --------------- -------- - -----\n"
    for name, task in _rows(tasks, elements):
        used = hms(task.cpu_seconds) if task.ended is not None else "0"
        out += f"{name[:25]:<25} {task.request.name[-16:]:<16} {task.request.user[:15]:<15} {used:>8} "
        out += f"{state(task)} {task.request.queue:<15}\n"
    return out


def alternative(tasks: list[Task]) -> str:
    """What `qstat -a` shows."""
    if not tasks:
        return ""
    out = f"\n{socket.gethostname()}: \n"
    out += " " * 82 + "Req'd       Req'd       Elap\n"
    columns: tuple[tuple[str, int], ...]
    columns = (
        ("Job ID", 23),
        ("Username", 11),
        ("Queue", 8),
        ("Jobname", 16),
        ("SessID", 6),
        (" NDS", 5),
        ("  TSK", 6),
    )
    columns += ((" Memory", 9), ("    Time", 9), ("S", 1), ("  Time", 9))
    out += " ".join(title.ljust(width) for title, width in columns).rstrip() + "\n"
    out += " ".join("-" * width for _, width in columns) + "\n"
    for name, task in _rows(tasks, elements=True):
        resources = task.request.notes["resources"]
        limit = hms(task.request.seconds) if task.request.seconds else "--"
        ran = hms(elapsed(task)) if task.started is not None else "--"
        out += f"{name[:23]:<23} {task.request.user[:11]:<11} {task.request.queue[:8]:<8} "
        out += f"{task.request.name[:16]:<16} {task.pid or '--':>6} {1:>5} {task.request.cpus:>6} "
        out += f"{resources.get('mem', '--'):>9} {limit:>9} {state(task)} {ran:>9}\n"
    return out
