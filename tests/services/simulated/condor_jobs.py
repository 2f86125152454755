"""HTCondor's view of a task: its ad, and the events in the log that the user asked for."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Mapping
from typing import Any

from .classads import BadExpression, evaluate
from .model import End, State, Task

IDLE, RUNNING, REMOVED, COMPLETED, HELD = 1, 2, 3, 4, 5
LETTERS = "UIRXCH"
ADDRESS = "<127.0.0.1:9618?addrs=127.0.0.1-9618&alias=localhost&noUDP&sock=schedd_1>"


def job_status(task: Task) -> int:
    """The number of a task's state; UNKNOWN is none that jobs have."""
    if task.state is State.PENDING:
        return HELD if task.held else IDLE
    if task.state is State.RUNNING:
        return RUNNING
    if task.state is State.UNKNOWN:
        return 0
    if task.end is End.EXIT:
        return COMPLETED
    return REMOVED if task.end is End.CANCELLED else HELD


def is_queued(task: Task) -> bool:
    """Whether condor_q shows a task; the others are in the history."""
    status = job_status(task)
    if status == COMPLETED and not task.request.notes.get("removed", {}).get(task.index):
        leave = task.request.notes["leave_in_queue"]
        return bool(leave and truth(leave, job_ad(task)))
    return status not in (REMOVED, COMPLETED)


def truth(text: str, ad: dict[str, Any]) -> bool:
    """Whether an expression is true of an ad."""
    try:
        return evaluate(text, {name.lower(): value for name, value in ad.items()}) is True
    except (BadExpression, TypeError):
        return False


def _hold(task: Task) -> tuple[int, int, str]:
    starter = f"Error from slot1@{task.host}"
    if task.end is End.MEMORY:
        text = f"{starter}: Job has gone over cgroup memory limit of {task.request.memory} megabytes. "
        text += f"Last measured usage: {task.rss >> 20} megabytes.  Consider resubmitting with a higher request_memory."
        return 34, 0, text
    if task.end is End.TIME:
        days, rest = divmod(int(task.request.seconds or 0), 86400)
        text = f"{days}+{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
        code, what = task.request.notes["duration"]
        return code, 0, f"The job exceeded allowed {what} duration of {text}"
    if task.end is End.LAUNCH:
        command = task.request.notes["ad"]["Cmd"]
        return 6, 2, f"{starter}: Failed to execute '{command}': (errno=2: 'No such file or directory')"
    if task.request.notes["held_at_submit"] and task.starts == 0:
        return 15, 0, "submitted on hold at user's request"
    return 1, 0, f"via condor_hold (by user {task.request.user})"


def for_task(text: str, task: Task, row: Mapping[str, str]) -> str:
    """A value with what differs from one process of a cluster to another."""
    values = {
        "process": str(task.index or 0),
        "procid": str(task.index or 0),
        "step": str(task.index or 0),
        "cluster": str(task.job),
        "clusterid": str(task.job),
        **row,
    }
    return re.sub(r"\$\((\w+)\)", lambda match: values.get(match[1].lower(), match[0]), text)


def job_ad(task: Task) -> dict[str, Any]:
    """The ad of a task."""
    request, status = task.request, job_status(task)
    started, ended = task.started, task.ended
    entered = ended or started or task.submitted
    wall = ((ended or time.time()) - started) if started is not None else 0.0
    ad: dict[str, Any] = {
        **{
            name: for_task(value, task, request.notes["rows"][task.index or 0]) if isinstance(value, str) else value
            for name, value in request.notes["ad"].items()
        },
        "ClusterId": task.job,
        "ProcId": task.index or 0,
        "GlobalJobId": f"{socket.gethostname()}#{task.job}.{task.index or 0}#{int(task.submitted)}",
        "Owner": request.user,
        "User": f"{request.user}@{socket.gethostname()}",
        "JobStatus": status,
        "EnteredCurrentStatus": int(entered),
        "QDate": int(task.submitted),
        "CompletionDate": int(ended) if ended is not None and status in (COMPLETED,) else 0,
        "RequestCpus": request.cpus,
        "RequestMemory": request.memory,
        "NumJobStarts": task.starts,
        "NumShadowStarts": task.starts,
        "RemoteWallClockTime": round(wall, 1) if status != RUNNING else 0.0,
        "RemoteUserCpu": round(task.cpu_seconds, 1),
        "RemoteSysCpu": 0.0,
        "ResidentSetSize": task.rss >> 10,
        "ImageSize": task.rss >> 10,
    }
    if task.rss:
        ad["MemoryUsage"] = max(1, task.rss >> 20)
    if started is not None:
        ad["JobStartDate"] = ad["JobCurrentStartDate"] = int(started)
        ad["LastRemoteHost" if ended is not None else "RemoteHost"] = f"slot1_1@{task.host}"
    if status == COMPLETED:
        ad["ExitBySignal"] = bool(task.signal)
        ad["ExitSignal" if task.signal else "ExitCode"] = task.signal or task.status
        ad["ExitStatus"] = 0
    if status == HELD:
        ad["HoldReasonCode"], ad["HoldReasonSubCode"], ad["HoldReason"] = _hold(task)
        ad["NumHolds"] = 1
    if status == REMOVED:
        reason = request.notes["reasons"].get(task.index)
        ad["RemoveReason"] = reason or f"via condor_rm (by user {request.user})"
    return ad


def log_event(task: Task, number: int, text: str) -> None:
    """Append an event to the log of a job, if it has one."""
    path = task.request.notes["log"]
    if path is None:
        return
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    try:
        with open(path, "a") as file:
            file.write(f"{number:03} ({task.job:03}.{task.index or 0:03}.000) {stamp} {text}\n...\n")
    except OSError:
        pass  # HTCondor would hold the job; nobody reads the log of a cluster that ends


def log_end(task: Task) -> None:
    """Append what there is to say of a task that has ended."""
    status = job_status(task)
    if status == HELD:
        code, sub, reason = _hold(task)
        log_event(task, 12, f"Job was held.\n\t{reason}\n\tCode {code} Subcode {sub}")
    elif status == REMOVED:
        reason = task.request.notes["reasons"].get(task.index) or f"via condor_rm (by user {task.request.user})"
        log_event(task, 9, f"Job was aborted.\n\t{reason}")
    else:
        ended = f"(1) Normal termination (return value {task.status})"
        if task.signal:
            ended = f"(0) Abnormal termination (signal {task.signal})\n\t(0) No core file"
        usage = f"\t\tUsr 0 {_clock(task.cpu_seconds)}, Sys 0 00:00:00"
        none = "\t\tUsr 0 00:00:00, Sys 0 00:00:00"
        cpus, memory = task.request.cpus, task.request.memory
        lines = [
            f"Job terminated.\n\t{ended}",
            f"{usage}  -  Run Remote Usage",
            f"{none}  -  Run Local Usage",
            f"{usage}  -  Total Remote Usage",
            f"{none}  -  Total Local Usage",
            *[f"\t0  -  {what} By Job" for what in ("Run Bytes Sent", "Run Bytes Received")],
            *[f"\t0  -  {what} By Job" for what in ("Total Bytes Sent", "Total Bytes Received")],
            "\tPartitionable Resources :    Usage  Request Allocated ",
            f"\t   Cpus                 :          {cpus:8} {cpus:9} ",
            f"\t   Memory (MB)          : {max(1, task.rss >> 20):8} {memory:8} {memory:9} \n",
            f"\tJob terminated of its own accord at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} "
            + (f"with signal {task.signal}." if task.signal else f"with exit-code {task.status}."),
        ]
        log_event(task, 5, "\n".join(lines))


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"
