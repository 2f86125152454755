"""Batch systems that each break one clause of the contract, to prove that the clause notices.

The first are made of the single machine; those that ask a scheduler are laid over what the scaffold writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toil_core.batch_systems.capabilities import BatchSystemCapabilities
from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.batch_systems.scheduler.commands import CommandFailed, Trouble
from toil_core.batch_systems.scheduler.tasks import TaskState, TaskStatus
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.jobs.description import JobDescription
from toil_core.observe.bus import MessageBus
from toil_core.observe.events import JobStarted

Environment = dict[str, str] | None
News = UpdatedBatchJobInfo | None


class _ChangesNews(SingleMachineBatchSystem):
    """Passes on news as `changed` makes them."""

    def getUpdatedBatchJob(self, maxWait: float) -> News:
        news = super().getUpdatedBatchJob(maxWait)
        return None if news is None else self.changed(news)

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        return news


class _ChangesJobs(SingleMachineBatchSystem):
    """Runs commands and sets variables as `changed` and `passed` make them."""

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: Environment = None) -> int:
        jobDesc._command = self.changed(jobDesc.command or "")
        passed = {name: self.passed(value) for name, value in (job_environment or {}).items()}
        return super().issueBatchJob(jobDesc, passed)

    def changed(self, command: str) -> str:
        return command

    def passed(self, value: str) -> str:
        return value


# Running


class CallsSuccessFailure(_ChangesNews):
    """Reports every job as failed."""

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        return news._replace(exitReason=BatchJobExitReason.FAILED)


class LosesNews(_ChangesNews):
    """Keeps every third piece of news to itself."""

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        return news if news.jobID % 3 else None


class TellsTwice(SingleMachineBatchSystem):
    """Tells each piece of news twice."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._again: list[UpdatedBatchJobInfo] = []

    def getUpdatedBatchJob(self, maxWait: float) -> News:
        if self._again:
            return self._again.pop()
        news = super().getUpdatedBatchJob(maxWait)
        if news is not None:
            self._again.append(news)
        return news


class RunsTwice(_ChangesJobs):
    """Runs each job twice."""

    def changed(self, command: str) -> str:
        return f"( {command} ); {command}"


class SpreadsFailure(_ChangesNews):
    """Reports all as failed from the first failure on."""

    status = 0

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        self.status = news.exitStatus or self.status
        return news._replace(exitStatus=self.status)


class KnowsOnlyOne(_ChangesNews):
    """Reports each failure as status 1."""

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        return news._replace(exitStatus=min(news.exitStatus, 1))


class IgnoresSignals(_ChangesNews):
    """Takes a process that a signal has killed for one that succeeded."""

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        return news._replace(exitStatus=max(news.exitStatus, 0))


class GivesNoReasons(_ChangesNews):
    """Does not tell why jobs ended."""

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        return news._replace(exitReason=None)


class BlamesMemory(_ChangesNews):
    """Takes every failure for want of memory."""

    def changed(self, news: UpdatedBatchJobInfo) -> News:
        return news._replace(exitReason=BatchJobExitReason.MEMLIMIT) if news.exitStatus else news


class MendsVariables(_ChangesJobs):
    """Passes variables through a command line without quoting them."""

    def passed(self, value: str) -> str:
        return (
            " ".join(value.replace("'", "").replace("$", "").replace(",", " ").split())
            .encode("ascii", "ignore")
            .decode()
        )


class DropsEmptyVariables(_ChangesJobs):
    """Does not set a variable to nothing."""

    def passed(self, value: str) -> str:
        return value or "unset"


class SetsNothing(SingleMachineBatchSystem):
    """Ignores variables for all."""

    def setEnv(self, name: str, value: str | None = None) -> None:
        return


class PrefersVariablesOfAll(SingleMachineBatchSystem):
    """Lets a variable of all go before that of a job."""

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: Environment = None) -> int:
        return super().issueBatchJob(jobDesc, {**(job_environment or {}), **self.environment})


class InventsValues(SingleMachineBatchSystem):
    """Sets a variable that has no value to nothing."""

    def setEnv(self, name: str, value: str | None = None) -> None:
        super().setEnv(name, value or "")


class UnquotesCommands(_ChangesJobs):
    """Has a shell read the command once more."""

    def changed(self, command: str) -> str:
        return f'sh -c "{command}"'


class LimitsOutput(_ChangesJobs):
    """Ends jobs that print a lot."""

    def changed(self, command: str) -> str:
        return f"ulimit -f 4; {command}"


class AdmitsAnything(SingleMachineBatchSystem):
    """Runs jobs for which there is not enough of anything."""

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: Environment = None) -> int:
        jobDesc.cores = 1
        return super().issueBatchJob(jobDesc, job_environment)


# Looking


class ListsNothing(SingleMachineBatchSystem):
    """Says that nothing runs."""

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        return {}


class StopsTheClock(SingleMachineBatchSystem):
    """Says that every job has just begun."""

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        return dict.fromkeys(super().getRunningBatchJobIDs(), 0.0)


class ListsForever(SingleMachineBatchSystem):
    """Lists what has ended."""

    def getIssuedBatchJobIDs(self) -> list[int]:
        return list(range(1, self._last_id + 1))


class StartsInSilence(SingleMachineBatchSystem):
    """Announces nothing."""

    def set_message_bus(self, message_bus: MessageBus) -> None:
        return


class StartsTwice(SingleMachineBatchSystem):
    """Announces each start twice."""

    def _announce_starts(self) -> None:
        self._to_announce += list(self._to_announce)
        super()._announce_starts()


class StartsAnotherJob(SingleMachineBatchSystem):
    """Announces starts under its own numbers for jobs."""

    def _announce_starts(self) -> None:
        self._to_announce = [JobStarted(str(one.batch_id), one.batch_id, one.time) for one in self._to_announce]
        super()._announce_starts()


class InventsNews(SingleMachineBatchSystem):
    """Has news of a job when the time is up."""

    def getUpdatedBatchJob(self, maxWait: float) -> News:
        news = super().getUpdatedBatchJob(maxWait)
        return news or next((UpdatedBatchJobInfo(number, 1) for number in self.getIssuedBatchJobIDs()), None)


class SaysEmptySentences(SingleMachineBatchSystem):
    """Says nothing at length."""

    def getSchedulingStatusMessage(self) -> str | None:
        return " "


# Killing


class KillsNothing(SingleMachineBatchSystem):
    """Lets jobs go on."""

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        return


class KillsInName(SingleMachineBatchSystem):
    """Forgets jobs, whose processes go on."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._forgotten: set[int] = set()

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        self._forgotten.update(jobIDs)

    def getIssuedBatchJobIDs(self) -> list[int]:
        return [number for number in super().getIssuedBatchJobIDs() if number not in self._forgotten]

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        found = super().getRunningBatchJobIDs()
        return {number: seconds for number, seconds in found.items() if number not in self._forgotten}


class TellsOfTheDead(SingleMachineBatchSystem):
    """Has news of jobs that were killed."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._dead: list[int] = []

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        super().killBatchJobs(jobIDs)
        self._dead += jobIDs

    def getUpdatedBatchJob(self, maxWait: float) -> News:
        if self._dead:
            return UpdatedBatchJobInfo(self._dead.pop(), -9, BatchJobExitReason.KILLED)
        return super().getUpdatedBatchJob(maxWait)


class MissesTheDead(SingleMachineBatchSystem):
    """Cannot kill what it does not have."""

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        for number in jobIDs:
            assert number in self._issued, f"there is no job {number}"
        super().killBatchJobs(jobIDs)


class LeavesJobs(SingleMachineBatchSystem):
    """Does not end what runs when all is over."""

    def shutdown(self) -> None:
        return


# Asking a scheduler: mixed into what the scaffold writes

if TYPE_CHECKING:
    from toil_core.batch_systems.scheduler.batch_system import CommandLineBatchSystem as _System
    from toil_core.batch_systems.scheduler.dialect import SchedulerDialect as _Dialect
else:
    _System = _Dialect = object


class TakesSilenceForRefusal(_Dialect):
    """Takes a scheduler that does not answer for one that refuses."""

    def trouble(self, error: CommandFailed) -> Trouble:
        return Trouble.REFUSED


class KnowsNoFullQueue(_Dialect):
    """Takes a full queue for a refusal."""

    full = ()


class TrustsEveryAnswer(_Dialect):
    """Takes what an answer leaves out for something that has ended well."""

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        found = super().poll(tasks)  # type: ignore[safe-super]
        return {task: found.get(task, TaskStatus(TaskState.ENDED, 0)) for task in tasks}


class HopesForever(_Dialect):
    """Takes what an answer leaves out for something that runs."""

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        found = super().poll(tasks)  # type: ignore[safe-super]
        return {task: found.get(task, TaskStatus(TaskState.RUNNING)) for task in tasks}


class AsksAboutEach(_Dialect):
    """Asks about each job with a command of its own."""

    def poll(self, tasks: Sequence[str]) -> Mapping[str, TaskStatus]:
        ask = super().poll  # type: ignore[safe-super]
        return {task: status for one in tasks for task, status in ask([one]).items()}


class CancelsOnce(_System):
    """Forgets jobs that are to be killed when the scheduler does not answer."""

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        for number in jobIDs:
            self._issued.pop(number, None)


class SaysNoMore(_System):
    """Keeps the scheduler's words and reasons to itself."""

    capabilities = BatchSystemCapabilities(
        asks_a_scheduler=True, outlives_leader=True, tells_memory=True, tells_time=True, tells_lost=True
    )

    def getUpdatedBatchJob(self, maxWait: float) -> News:
        news = super().getUpdatedBatchJob(maxWait)
        return None if news is None else news._replace(detail="", exitReason=None)
