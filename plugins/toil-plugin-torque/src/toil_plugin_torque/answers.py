"""What `qstat -f` and `pbsnodes` print, as Python values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from toil_core.api import BatchJobExitReason, Machine, TaskState, TaskStatus, human2bytes

_WAITING = "QHWT"
_ENDED = "CFX"
#: What the exit status is where the daemon on the node, not the job, has the last word.
_DAEMON = {
    -10: BatchJobExitReason.MEMLIMIT,
    -11: BatchJobExitReason.TIMELIMIT,
    -12: BatchJobExitReason.TIMELIMIT,
    -29: BatchJobExitReason.TIMELIMIT,
}
_SIGTERM = 15


class ShownJob(NamedTuple):
    """A job that `qstat -f` shows.

    :ivar task: its ID.
    :ivar facts: its attributes, in lower case.
    """

    task: str
    facts: Mapping[str, str]

    def status(self, ends_with_e: bool) -> TaskStatus:
        """Return how far it has come, or how it ended.

        :param ends_with_e: whether the state E means that it is over.
        """
        state = self.facts.get("job_state", "")
        if state in _ENDED or (ends_with_e and state == "E"):
            return self._ended()
        if state in _WAITING:
            return TaskStatus(TaskState.PENDING, detail=self.facts.get("comment", ""))
        return TaskStatus(TaskState.RUNNING, seconds=self._seconds())

    def _seconds(self) -> float | None:
        walltime = self.facts.get("resources_used.walltime", "")
        if not re.fullmatch(r"[0-9]+:[0-9]+:[0-9]+", walltime):
            return None
        hours, minutes, seconds = (int(part) for part in walltime.split(":"))
        return (hours * 60 + minutes) * 60.0 + seconds

    def _ended(self) -> TaskStatus:
        seconds, said = self._seconds(), self.facts.get("exit_status", "")
        comment = self.facts.get("comment", "")
        if not re.fullmatch(r"-?[0-9]+", said):
            return TaskStatus(TaskState.ENDED, None, None, comment, seconds)
        status = int(said)
        if status < 0:
            reason = _DAEMON.get(status, BatchJobExitReason.ERROR)
            return TaskStatus(TaskState.ENDED, None, reason, comment or f"its exit status is {status}", seconds)
        signal = status - 256 if status > 256 else status - 128 if status > 128 else 0
        if not signal:
            reason = BatchJobExitReason.FAILED if status else BatchJobExitReason.FINISHED
            return TaskStatus(TaskState.ENDED, status, reason, comment, seconds)
        return TaskStatus(TaskState.ENDED, -signal, self._why_killed(signal, seconds, comment), comment, seconds)

    def _why_killed(self, signal: int, seconds: float | None, comment: str) -> BatchJobExitReason:
        limit = self.facts.get("resource_list.walltime", "")
        if re.search(r"\bmem\b.*exceed|exceed.*\bmem", comment):
            return BatchJobExitReason.MEMLIMIT
        if re.search(r"walltime.*exceed|exceed.*walltime", comment):
            return BatchJobExitReason.TIMELIMIT
        if re.fullmatch(r"[0-9]+:[0-9]+:[0-9]+", limit) and seconds is not None and signal == _SIGTERM:
            hours, minutes, rest = (int(part) for part in limit.split(":"))
            if seconds >= (hours * 60 + minutes) * 60 + rest:
                return BatchJobExitReason.TIMELIMIT
        # A job whose node has failed is killed by the server with SIGKILL; one that was deleted gets SIGTERM first.
        return BatchJobExitReason.KILLED if signal == _SIGTERM else BatchJobExitReason.LOST


def shown_jobs(text: str) -> Iterator[ShownJob]:
    """Read what `qstat -f` printed; long values go on in lines that begin with a tab."""
    for entry in re.split(r"^Job Id:\s*", text, flags=re.MULTILINE)[1:]:
        task, _, rest = entry.partition("\n")
        lines = re.sub(r"\n\t(?!\w+(\.\w+)? = )", "", rest).splitlines()
        pairs = [line.strip().split(" = ", 1) for line in lines if " = " in line]
        yield ShownJob(task.strip(), {key.lower(): value for key, value in pairs})


def nodes(text: str) -> list[Machine]:
    """Read what `pbsnodes` printed."""
    found = []
    for entry in re.split(r"\n\s*\n", text):
        cores = re.search(r"^\s*(?:np|pcpus|resources_available\.ncpus) = ([0-9]+)", entry, re.MULTILINE)
        memory = re.search(r"(?:physmem=|resources_available\.mem = |availmem=)([0-9]+[kmgt]?b)", entry)
        if cores:
            size = re.sub(r"([kmgt])b$", r"\1i", memory[1]) if memory else "0"
            found.append(Machine(int(cores[1]), human2bytes(size)))
    return found
