"""Why a job is where it is, in sentences: what it waits for, how its attempts failed, why it ran more than once."""

from __future__ import annotations

import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from toil_core.inspection.attempts import UnreportedAttempt, unreported_attempts
from toil_core.inspection.view import OVER, State, WorkflowJob, WorkflowView
from toil_core.observe.text import one_line, plain, tail
from toil_core.units import bytes2human

if TYPE_CHECKING:
    from toil_core.jobs.records import FailureReport, Usage

#: How many jobs a sentence names, how many attempts are told one by one, and how many lines of a log are shown.
NAMED, ATTEMPTS, LOG_LINES = 3, 10, 15


def explain(view: WorkflowView, job: WorkflowJob) -> list[str]:
    """Return what there is to say about a job, in paragraphs.

    :param job: one of the workflow's jobs.
    """
    reports = view.failures(job)
    tellers: dict[State, Callable[[], Iterable[str]]] = {
        State.WAITING: lambda: _why_it_waits(view, job),
        State.READY: lambda: _why_it_does_not_run(view, job, reports),
        State.FAILED: lambda: _what_follows_failure(view, job, reports),
        State.RAN: lambda: _what_is_missing(view, job),
        State.DONE: lambda: (),
    }
    return [
        _headline(view, job),
        *_place(view, job),
        *_attempts(view, job, reports),
        *_how_it_ran(job),
        *tellers[job.state](),
        *_next_commands(view, job, reports),
    ]


def name_of(job: WorkflowJob) -> str:
    """Return what to call a job in a sentence: its name, which one it is, and its ID."""
    description = job.description
    unit = description.unitName if description.unitName != description.jobName else ""
    return one_line(f"'{description.jobName}'{' ' if unit else ''}{unit} ({job.id})")


def duration(seconds: float) -> str:
    """Return a time span as people write it: `7 ms`, `4.1 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.001 or seconds <= 0 else "under 1 ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def _headline(view: WorkflowView, job: WorkflowJob) -> str:
    name = name_of(job)
    if job.state is State.READY:
        return f"The job {name} is {'running, or about to' if view.is_running else 'ready to run'}."
    return {
        State.WAITING: f"The job {name} is waiting.",
        State.FAILED: f"The job {name} failed.",
        State.RAN: f"The job {name} has run; not everything that comes after it is done.",
        State.DONE: f"The job {name} is done, and so is everything that comes after it.",
    }[job.state]


def _place(view: WorkflowView, job: WorkflowJob) -> Iterable[str]:
    """Say what the job comes after, and what is special about it."""
    sentences = []
    for relation, members in (("a child", "children"), ("a follow-on", "follow_ons"), ("a service", "services")):
        parents = [view[one] for one in dict.fromkeys(job.parents) if job.id in getattr(view[one], members)]
        if parents:
            sentences.append(f"It is {relation} of {some(map(name_of, parents))}.")
    if not job.parents:
        sentences.append("It is the workflow's first job.")
    if job.description.checkpoint:
        sentences.append("It is a checkpoint: it is run again, with all that it made, if something beneath it fails.")
    yield " ".join(sentences)


def _attempts(view: WorkflowView, job: WorkflowJob, reports: Sequence[FailureReport]) -> Iterable[str]:
    """Say how attempts failed."""
    told = [((report.run, report.attempt), _attempt(report)) for report in reports]
    told += [((one.run, one.attempt), _killed(one)) for one in unreported_attempts(view, reports) if one.job == job.id]
    told.sort(key=lambda one: one[0])
    if not told:
        return
    times = {1: "Once", 2: "Twice"}.get(len(told), f"{len(told)} times")
    again = ", so it ran again" if job.record is not None or len(told) > 1 else ""
    lines = [f"{times} an attempt at it failed{again}:"]
    if len(told) > ATTEMPTS:
        lines.append(f"  - {len(told) - ATTEMPTS} earlier ones are not shown.")
    several_runs = any(run for (run, _), _ in told)
    for (run, _), text in told[-ATTEMPTS:]:
        lines.append(f"  - {f'In run {run + 1}: ' if several_runs else ''}{text}")
    last_run = [attempt for (run, attempt), _ in told if run == told[-1][0][0]]
    missing = sorted(set(range(1, last_run[-1])) - set(last_run))
    if missing:
        which = f"Attempt {missing[0]}" if len(missing) == 1 else f"Attempts {some(map(str, missing))}"
        lines.append(f"  - {which} left no report: the worker was killed, or the machine was lost.")
    yield "\n".join(lines)


def _killed(attempt: UnreportedAttempt) -> str:
    reason = one_line(attempt.reason)
    return f"Attempt {attempt.attempt} {reason}, after {duration(attempt.seconds)}, and left no report."


def _attempt(report: FailureReport) -> str:
    usage = report.usage
    when = f" at {_moment(usage.start)}, after {duration(usage.wall)}" if usage.start else ""
    where = f" on {one_line(report.host)}" if report.host else ""
    peak = f" It used up to {bytes2human(usage.memory)} of memory." if usage.memory else ""
    error = one_line(report.error) or "its worker could not tell why"
    return f"Attempt {report.attempt}{where} failed{when}: {error}{'' if error.endswith('.') else '.'}{peak}"


def _how_it_ran(job: WorkflowJob) -> Iterable[str]:
    """Say when and where the attempt that counts ran, and what it used."""
    usage = job.usage
    if usage is None:
        if job.state in OVER:
            yield "It had nothing to run itself: it only holds others together."
        return
    where = f" on {one_line(job.host)}" if job.host else ""
    yield f"It ran{where} at {_moment(usage.start)} and took {duration(usage.wall)}, {_used(job, usage)}."


def _used(job: WorkflowJob, usage: Usage) -> str:
    asked = job.description.allocation()
    cores = usage.cpu / usage.wall if usage.wall > 0 else 0.0
    whole = f"{asked.cores:g} {'core' if asked.cores == 1 else 'cores'}"
    memory = f"{bytes2human(usage.memory)} of the {bytes2human(asked.memory)} of memory"
    return f"using {cores:.2g} of the {whole} and {memory} that it asked for"


def _why_it_waits(view: WorkflowView, job: WorkflowJob) -> Iterable[str]:
    """Say what the job waits for, and what all that in the end waits for."""
    blockers = view.blockers(job)
    if not blockers:
        owners = [view[one] for one in job.parents if job.id in view[one].services]
        if owners:
            yield f"It is started when {some(map(name_of, owners))} has run."
        return
    yield f"It waits for {_with_states(blockers)}."
    roots = _ends_of(view, job)
    if {root.id for root in roots} != {blocker.id for blocker in blockers}:
        yield f"In the end, that waits for {_with_states(roots)}."
    failed = sum(root.state is State.FAILED for root in roots)
    if failed:
        which = "it is" if failed == 1 else f"these {failed} are"
        yield f"As long as {which} failed, it cannot run."


def _ends_of(view: WorkflowView, job: WorkflowJob) -> list[WorkflowJob]:
    """Return the jobs that are ready or failed, and that the job waits for in the end."""
    ends: dict[str, WorkflowJob] = {}
    seen = {job.id}
    waiting = [job]
    while waiting:
        for blocker in view.blockers(waiting.pop()):
            if blocker.id in seen:
                continue
            seen.add(blocker.id)
            if blocker.state in (State.READY, State.FAILED):
                ends[blocker.id] = blocker
            elif blocker.state is State.RAN:
                waiting += _unfinished_beneath(view, blocker, seen, ends)
            else:
                waiting.append(blocker)
    return list(ends.values())


def _unfinished_beneath(
    view: WorkflowView, job: WorkflowJob, seen: set[str], ends: dict[str, WorkflowJob]
) -> list[WorkflowJob]:
    """Note what is ready or failed among all that comes after a job that has run; return what waits among it."""
    waiting = []
    below = [job]
    while below:
        for one in below.pop().successors():
            later = view.jobs.get(one)
            if later is None or one in seen or later.state is State.DONE:
                continue
            seen.add(one)
            if later.state is State.RAN:
                below.append(later)
            elif later.state is State.WAITING:
                waiting.append(later)
            else:
                ends[one] = later
    return waiting


def _why_it_does_not_run(view: WorkflowView, job: WorkflowJob, reports: Sequence[FailureReport]) -> Iterable[str]:
    if view.is_running:
        again = " again" if reports else ""
        yield f"Nothing that it depends on is in its way; the leader, {view.leader}, runs it{again} as there is room."
    elif view.is_running is None:
        yield f"Nothing is in its way. Only the machine of the leader, {view.leader}, can tell whether it runs."
    else:
        yield "Nothing is in its way, but nobody runs the workflow."
    if not view.is_running and not reports:
        yield "If it was tried, its worker was stopped or killed before it could leave a report."


def _what_follows_failure(view: WorkflowView, job: WorkflowJob, reports: Sequence[FailureReport]) -> Iterable[str]:
    """Say which jobs cannot run because this one failed, and show the end of its log."""
    held = sum(one.state is State.WAITING for one in view)
    retries = int(view.config.retryCount)
    times = "1 attempt" if retries == 0 else f"{retries + 1} attempts"
    yield f"It is not tried again in this run: --retryCount {retries} allows {times}."
    if held:
        yield f"{'1 job is' if held == 1 else f'{held:,} jobs are'} waiting in this workflow, for it or for others."
    if reports and reports[-1].log.strip():
        shown, left_out = tail(plain(reports[-1].log), LOG_LINES)
        title = f"The last {LOG_LINES} lines of its log:" if left_out else "Its log:"
        yield "\n".join([title, *(f"  | {line}" for line in shown.split("\n"))])


def _what_is_missing(view: WorkflowView, job: WorkflowJob) -> Iterable[str]:
    unfinished = [view[one] for one in job.successors() if one in view.jobs and view[one].state is not State.DONE]
    if unfinished:
        yield f"After it, {_with_states(unfinished)} {'is' if len(unfinished) == 1 else 'are'} still to be done."


def _next_commands(view: WorkflowView, job: WorkflowJob, reports: Sequence[FailureReport]) -> Iterable[str]:
    lines = []
    locator = shlex.quote(view.locator)
    if reports or job.state is State.FAILED:
        lines.append(f"Run it again here, apart from the workflow:\n  toil debug-job {locator} {job.id}")
    if job.state is not State.DONE and view.is_running is False:
        lines.append("Continue the workflow: run its command again with --restart.")
    if lines:
        yield "\n".join(lines)


def _with_states(jobs: Sequence[WorkflowJob]) -> str:
    """Return jobs as part of a sentence: all of them if they are few, otherwise how many are in which state."""
    if len(jobs) <= NAMED:
        return _joined([f"{name_of(job)[:-1]}: {_state_in_words(job)})" for job in jobs])
    counts = Counter(job.state for job in jobs)
    parts = [f"{counts[state]:,} {state.value}" for state in State if counts[state]]
    return f"{len(jobs):,} jobs ({', '.join(parts)}), such as {name_of(jobs[0])}"


def _state_in_words(job: WorkflowJob) -> str:
    return {
        State.WAITING: "waiting itself",
        State.READY: "running or ready to",
        State.FAILED: "failed",
        State.RAN: "ran, but not all that comes after it",
        State.DONE: "done",
    }[job.state]


def some(names: Iterable[str]) -> str:
    """Return the first few of some names as part of a sentence, with the number of the others."""
    every = list(names)
    shown = every[:NAMED]
    return _joined([*shown, f"{len(every) - NAMED:,} more"] if len(every) > NAMED else shown)


def _joined(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
