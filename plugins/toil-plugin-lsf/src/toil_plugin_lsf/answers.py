"""What LSF's commands print, as Python values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from toil_core.api import BatchJobExitReason, Machine, TaskState, TaskStatus, human2bytes

#: What is asked of `bjobs -o`. The last one is free text.
FIELDS = "jobid jobindex stat exit_code run_time job_name exit_reason delimiter='|'"

_STATES = {
    "DONE": TaskState.ENDED,
    "EXIT": TaskState.ENDED,
    "ZOMBI": TaskState.ENDED,
    "RUN": TaskState.RUNNING,
    "USUSP": TaskState.RUNNING,
    "SSUSP": TaskState.RUNNING,
    "UNKWN": TaskState.RUNNING,
}
_TERMINATIONS = {
    "TERM_MEMLIMIT": BatchJobExitReason.MEMLIMIT,
    "TERM_SWAP": BatchJobExitReason.MEMLIMIT,
    "TERM_RUNLIMIT": BatchJobExitReason.TIMELIMIT,
    "TERM_CPULIMIT": BatchJobExitReason.TIMELIMIT,
    "TERM_DEADLINE": BatchJobExitReason.TIMELIMIT,
    "TERM_WINDOW": BatchJobExitReason.TIMELIMIT,
    "TERM_PREEMPT": BatchJobExitReason.LOST,
    "TERM_ZOMBIE": BatchJobExitReason.LOST,
    "TERM_ORPHAN_SYSTEM": BatchJobExitReason.LOST,
    "TERM_REQUEUE_ADMIN": BatchJobExitReason.LOST,
    "TERM_REQUEUE_OWNER": BatchJobExitReason.LOST,
    "TERM_REMOVE_HUNG_JOB": BatchJobExitReason.LOST,
    "TERM_CWD_NOTEXIST": BatchJobExitReason.ERROR,
    "TERM_OWNER": BatchJobExitReason.KILLED,
    "TERM_ADMIN": BatchJobExitReason.KILLED,
    "TERM_FORCE_OWNER": BatchJobExitReason.KILLED,
    "TERM_FORCE_ADMIN": BatchJobExitReason.KILLED,
}


class ListedJob(NamedTuple):
    """A line of `bjobs`.

    :ivar task: its ID: `JOB` or `JOB[INDEX]`.
    :ivar name: its name, without the index.
    """

    task: str
    name: str
    status: TaskStatus


def listed_jobs(text: str) -> Iterator[ListedJob]:
    """Read what `bjobs` printed with `FIELDS`."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|", 6)]
        if len(cells) < 7:
            continue
        job, index, stat, code, run_time, name, why = cells
        task = job if index in ("0", "-", "") else f"{job}[{index}]"
        yield ListedJob(task, re.sub(r"\[[0-9,:-]*\]$", "", name), _status(stat, code, run_time, why))


def _status(stat: str, code: str, run_time: str, why: str) -> TaskStatus:
    state = _STATES.get(stat, TaskState.PENDING)
    seconds = float(re.sub(r"[^0-9.].*", "", run_time) or 0)
    if state is not TaskState.ENDED:
        return TaskStatus(state, seconds=seconds if state is TaskState.RUNNING else None)
    if stat == "ZOMBI":
        return TaskStatus(state, None, BatchJobExitReason.LOST, "LSF lost the host that it ran on", seconds)
    return ended(int(code) if code.isdigit() else 0, why, seconds)


def ended(code: int, why: str, seconds: float | None = None) -> TaskStatus:
    """Return the status of a job that is over.

    :param code: its exit code as LSF tells it: 128 and the number of a signal for a job that was killed.
    :param why: LSF's words about it, maybe with a `TERM_…` in them.
    """
    if not code:
        return TaskStatus(TaskState.ENDED, 0, BatchJobExitReason.FINISHED, "", seconds)
    term = re.search(r"TERM_\w+", why)
    reason = _TERMINATIONS.get(term[0]) if term else None
    status = 128 - code if code > 128 else code
    fallback = BatchJobExitReason.KILLED if status < 0 else BatchJobExitReason.FAILED
    return TaskStatus(TaskState.ENDED, status, reason or fallback, why if term else "", seconds)


def histories(text: str) -> Mapping[str, TaskStatus]:
    """Read what `bhist -UF` printed about jobs that are over, by the IDs of tasks."""
    found = {}
    for entry in re.split(r"^(?=Job <)", text, flags=re.MULTILINE):
        job = re.match(r"Job <([0-9]+(?:\[[0-9]+\])?)>", entry)
        if job is None:
            continue
        term = re.search(r"TERM_\w+:[^\n;]*", entry)
        code = re.search(r"Exited with exit code ([0-9]+)", entry)
        signal = re.search(r"Exited by signal ([0-9]+)", entry)
        if "Done successfully" in entry:
            found[job[1]] = ended(0, "")
        elif code or signal or "Exited" in entry:
            number = int(code[1]) if code else 128 + int(signal[1]) if signal else 255
            found[job[1]] = ended(number, term[0].rstrip(". ") if term else "")
    return found


def hosts(text: str) -> list[Machine]:
    """Read what `lshosts -w` printed, if it did; machines that LSF does not know much of are left out."""
    header, *lines = [line.split() for line in text.splitlines() if line.strip()] or [[]]
    if not header:
        return []
    cores, memory = header.index("ncpus"), header.index("maxmem")
    return [
        Machine(int(line[cores]), human2bytes(re.sub(r"([KMGT])$", r"\1i", line[memory])))
        for line in lines
        if line[cores].isdigit() and line[memory] != "-"
    ]
