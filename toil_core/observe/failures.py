"""What went wrong in a run, as plain text for its end: one block for each kind of failure, and what to do next."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Protocol

from toil_core.jobs.records import FailureReport
from toil_core.observe.text import one_line, plain, tail

#: How many lines of a log, files that were read, names of jobs, and kinds of failures are shown.
LOG_LINES = 40
FILES = 10
NAMES = 3
BLOCKS = 20


class _Description(Protocol):
    @property
    def jobName(self) -> str: ...

    @property
    def unitName(self) -> str: ...

    @property
    def displayName(self) -> str: ...


class JobFailure(Protocol):
    """A job that failed for good."""

    @property
    def description(self) -> _Description:
        """The job."""

    @property
    def reason(self) -> str:
        """How its last attempt ended, as the end of a sentence that starts with "the job"."""

    @property
    def report(self) -> FailureReport:
        """What its worker could tell."""


def render_failures(failures: Sequence[JobFailure], ways_on: str, locator: str = "") -> str:
    """Return what is known of the jobs that failed for good; the same failure of many jobs is told once.

    :param ways_on: what to type once the cause is mended, a line for each way.
    :param locator: the job store, for the command that runs a job again; without it, none is told.
    """
    if not failures:
        return ""
    groups: dict[tuple[str, str], list[JobFailure]] = {}
    for failure in failures:
        groups.setdefault((failure.description.displayName, _key(failure)), []).append(failure)
    blocks = [_block(group, locator) for group in list(groups.values())[:BLOCKS]]
    if len(groups) > BLOCKS:
        blocks.append(f"{len(groups) - BLOCKS} other kinds of failures are not shown.")
    return "\n\n".join([*blocks, _advice(failures, ways_on)]) + "\n"


def likeness(error: str) -> str:
    """Return what is the same in errors that differ only in numbers, such as those in names of files and of jobs."""
    return re.sub(r"\b(?=\w*\d)\w+", "#", error)


def _key(failure: JobFailure) -> str:
    """Return what failures that are told together have in common."""
    return likeness(one_line(failure.report.error)) or one_line(failure.reason)


def _what(failure: JobFailure) -> str:
    """Return the one line that says what happened: the exception, or else the reason."""
    return one_line(failure.report.error) or one_line(failure.reason)


def _block(group: list[JobFailure], locator: str) -> str:
    first = group[0]
    report = first.report
    lines = [_headline(group)]
    if report.error:
        different = len({_what(failure) for failure in group}) - 1
        more = f" (and {different} like it)" if different else ""
        lines.append(f"  {one_line(report.error)}{more}")
    if len(group) > 1:
        lines.append(f"  Jobs: {_some([_identity(failure) for failure in group], NAMES)}")
    where = f" on {one_line(report.host)}" if report.host else ""
    lines.append(f"  {'The first one was' if len(group) > 1 else 'It was'} attempt {report.attempt}{where}.")
    if report.explanation:
        lines += [f"  {plain(line.encode())}" for line in report.explanation]
    elif report.log.strip():
        lines += _log(report.log)
    if report.accessed:
        lines += _files(report.accessed)
    if locator and report.attempt:
        which = "the first one" if len(group) > 1 else "it"
        lines += [f"  To run {which} again here, apart from the workflow:"]
        lines += [f"    toil debug-job {shlex.quote(locator)} {shlex.quote(one_line(report.job))}"]
    return "\n".join(lines)


def _headline(group: list[JobFailure]) -> str:
    failure = group[0]
    name = one_line(failure.description.displayName)
    if len(group) > 1:
        return f"{len(group)} jobs '{name}' failed alike; the first one {one_line(failure.reason)}."
    return f"The job {_identity(failure)} {one_line(failure.reason)}."


def _identity(failure: JobFailure) -> str:
    name, unit = one_line(failure.description.jobName), one_line(failure.description.unitName)
    unit = f" {unit}" if unit and unit != name else ""
    return f"'{name}'{unit} ({one_line(failure.report.job)})"


def _log(log: bytes) -> list[str]:
    shown, left_out = tail(plain(log), LOG_LINES)
    title = f"  The last {LOG_LINES} lines of its log:" if left_out else "  Its log:"
    return [title, *(f"  | {line}" for line in shown.split("\n"))]


def _files(accessed: Sequence[tuple[str, str]]) -> list[str]:
    lines = ["  Files that it had read:"]
    for file_id, path in list(dict.fromkeys(accessed))[-FILES:]:
        lines.append(f"    {one_line(file_id)} {f'as {one_line(path)}' if path else '(as a stream)'}")
    hidden = len(set(accessed)) - FILES
    if hidden > 0:
        lines.append(f"    and {hidden} before these")
    return lines


def _some(names: Iterable[str], limit: int) -> str:
    every = list(names)
    more = f" and {len(every) - limit} more" if len(every) > limit else ""
    return ", ".join(every[:limit]) + more


def _advice(failures: Sequence[JobFailure], ways_on: str) -> str:
    reasons = " ".join(failure.reason for failure in failures)
    lines = ["What to do next:"]
    if "more memory than" in reasons:
        lines.append("Jobs that ran out of memory need a larger memory requirement, or --doubleMem with retries.")
    if "maxJobDuration" in reasons:
        lines.append("Jobs that took too long need a larger --maxJobDuration.")
    if "lost" in reasons or "signal" in reasons:
        lines.append("Jobs that were lost or killed may just need more tries: --retryCount.")
    lines += ways_on.split("\n")
    return "\n  ".join(lines)
