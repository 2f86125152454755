"""The batch system that needs no scheduler: jobs run on this machine, as many at a time as its resources allow.

Everything happens in the leader's thread, which sleeps until a job has ended. Which job starts next is decided in
`resources`; the processes are looked after in `workers`.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from toil_core.batch_systems import in_process
from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.bundling import Bundling
from toil_core.batch_systems.capabilities import BatchSystemCapabilities
from toil_core.batch_systems.errors import InsufficientSystemResources
from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.batch_systems.machine import find_devices, machine_amount, oom_kills
from toil_core.batch_systems.output_files import output_file
from toil_core.batch_systems.resources import Admission, Amount, Device, Shape
from toil_core.batch_systems.workers import CONTEXT, RUN_ORDER, Stopped, Workers
from toil_core.jobs.requirements import Allocation
from toil_core.observe.events import JobStarted
from toil_core.units import bytes2human
from toil_core.worker import node
from toil_core.worker.bundle import MOST_FOLLOWERS
from toil_core.worker.processes import wait_until_gone

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

NAME = "single_machine"
#: The seconds that a bundle should take, where the user does not say.
BUNDLE_SECONDS = 0.1
#: Jobs that have not begun when a bundle has taken so many times as long as it should are given to others.
_PATIENCE = 2
#: What an interpreter with a few libraries takes, in bytes: nothing that a job could be blamed for.
_INTERPRETER = 128 << 20
#: Seconds to wait at most for the processes of killed jobs to vanish.
_VANISHING = 10.0


class _Issued(NamedTuple):
    """A job that has been issued and has not ended."""

    description: JobDescription
    environment: dict[str, str]


class SingleMachineBatchSystem(AbstractBatchSystem):
    """Runs jobs on this machine.

    :param config: the workflow's configuration.
    :param capacity: what jobs may use; by default what the machine has, within the limits that the configuration sets.
    :param context: what opens a worker's context, as `"module:attribute"`.
    :param run_order: what carries out an order, as `"module:attribute"`.
    """

    on_leaders_machine = True
    capabilities = BatchSystemCapabilities(tells_memory=True, tells_time=True)

    def __init__(
        self, config: Config, capacity: Amount | None = None, context: str = CONTEXT, run_order: str = RUN_ORDER
    ) -> None:
        super().__init__(config)
        self._work_dir = node.workflow_dir(config.workflowID, config.workDir)
        self._machine = machine_amount(self._work_dir)
        self._admission = Admission(capacity or self._capped(self._machine), find_devices)
        self._last_id = 0
        self._issued: dict[int, _Issued] = {}
        self._started: dict[int, float] = {}
        self._bundling = Bundling(0 if config.badWorker > 0 else _bundle_seconds(config))
        #: For each job of a bundle, those of the bundle that have not ended; the first one runs.
        self._bundles: dict[int, list[int]] = {}
        self._to_announce: list[JobStarted] = []
        self._killed: set[int] = set()
        self._updates: deque[UpdatedBatchJobInfo] = deque()
        self._oom_kills = oom_kills()
        implementation = str(config.implementations.get("job_store", ""))
        self._workers = Workers(
            self._work_dir,
            capture=not config.disableWorkerOutputCapture,
            log_limit=config.maxLogFileSize,
            implementation=implementation,
            context=context,
            run_order=run_order,
        )
        self._debugger = in_process.InProcess(context, run_order, implementation) if config.debugWorker else None
        if self._debugger is None:
            self._workers.start()
            if config.jobStore:
                self._workers.open(config.jobStore)

    def _capped(self, machine: Amount) -> Amount:
        config = self.config
        cores = min(machine.cores, config.maxCores)
        return Amount.of(cores, min(machine.memory, config.maxMemory), min(machine.disk, config.maxDisk))

    # Issuing

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: dict[str, str] | None = None) -> int:
        """Let a job run as soon as there is room for it."""
        shape = self._shape(jobDesc)
        lacking = self._admission.lacking(shape)
        if lacking:
            raise self._insufficient(jobDesc, shape, lacking)
        self._last_id += 1
        number = self._last_id
        self._issued[number] = _Issued(jobDesc, {**self.environment, **(job_environment or {})})
        self._admission.add(number, shape)
        self._start_waiting()
        return number

    def _shape(self, description: JobDescription) -> Shape:
        needed = description.allocation()
        return Shape(Amount.of(needed.cores * self.config.scale, needed.memory, needed.disk), needed.accelerators)

    def _insufficient(self, description: JobDescription, shape: Shape, lacking: str) -> InsufficientSystemResources:
        """Return the error that tells why a job can never run, and what to do."""
        asked, there = shape.amount, self._admission.capacity
        job = str(description)
        if lacking == "accelerators":
            needs = [dict(need) for need in shape.accelerators]
            wanted = ", ".join(f"{need.get('count', 1)} x {_accelerator(need)}" for need in needs)
            count = f"{len(self._admission.devices())} on this machine"
            return InsufficientSystemResources(job, lacking, wanted, count, "Run it where they are.")
        machine_has_it = not self._machine.lacking(asked)
        option = f"--max{lacking.capitalize()}"
        if machine_has_it:
            hint = f"Raise {option}, which limits what jobs may use."
        elif lacking == "cores":
            hint = "Let the job ask for fewer, or run with a --scale below 1."
        else:
            hint = f"Let the job ask for less; jobs that do not say get --default{lacking.capitalize()}."
        if lacking == "cores":
            return InsufficientSystemResources(job, lacking, f"{asked.cores:g}", f"{there.cores:g}", hint)
        size, limit = getattr(asked, lacking), getattr(there, lacking)
        return InsufficientSystemResources(job, lacking, bytes2human(size), bytes2human(limit), hint)

    def _start_waiting(self) -> None:
        """Start jobs until no waiting one may."""
        if self._debugger is not None:
            return
        while (chosen := self._admission.start_next()) is not None:
            number, devices = chosen
            description, extra = self._begin(number)
            environment = self._environment(description, extra, devices)
            kill_after = self._kill_after(description)
            if description.order is not None:
                followers = self._followers(number, environment)
                if followers:
                    self._run_bundle([number, *followers], environment)
                else:
                    self._workers.run(number, description.order, environment, kill_after)
            else:
                command = description.command or ""
                self._workers.execute(number, command, environment, self._output_files(number), kill_after)

    def _followers(self, number: int, environment: dict[str, str]) -> list[int]:
        """Choose waiting jobs to run after this one in its process."""
        seconds = self._short(number)
        if seconds is None or not self._workers.can_bundle(environment):
            return []
        slots, waiting = self._admission.slots(number)
        budget = self._bundling.seconds_to_add(seconds, waiting, slots)
        extra, count = self._issued[number].environment, 0

        def belongs(other: int) -> bool:
            nonlocal budget, count
            its_seconds = self._short(other)
            if its_seconds is None or its_seconds > budget or count == MOST_FOLLOWERS:
                return False
            budget -= its_seconds
            count += 1
            return self._issued[other].environment == extra

        return self._admission.share(number, belongs)

    def _short(self, number: int) -> float | None:
        """Return how many seconds a job is going to take, or None unless it may be part of a bundle."""
        description = self._issued[number].description
        order = description.order
        # A job that has failed before is left alone, so that there is no doubt whom the next failure is to be put to.
        if order is None or order.attempt > 1 or description.wall_time or description.is_service:
            return None
        said = description.expected_duration
        return self._bundling.expected(order.name) if said is None else self._bundling.if_short(said)

    def _run_bundle(self, numbers: list[int], environment: dict[str, str]) -> None:
        orders = [order for number in numbers if (order := self._issued[number].description.order) is not None]
        self._bundles.update(dict.fromkeys(numbers, numbers))
        patience = _PATIENCE * self._bundling.target
        logger.debug("One process runs %d jobs that are expected to be short.", len(numbers))
        self._workers.run_bundle(tuple(numbers), orders, environment, patience)

    def _begin(self, number: int) -> _Issued:
        """Take note that a job starts, to be announced when whoever issued it has had the time to say so."""
        issued = self._issued[number]
        self._started[number] = time.monotonic()
        if self.message_bus is not None and self.message_bus.wants(JobStarted):
            self._to_announce.append(JobStarted(str(issued.description.jobStoreID), number, time.time()))
        return issued

    def _announce_starts(self) -> None:
        started, self._to_announce = self._to_announce, []
        for message in started:
            assert self.message_bus is not None
            self.message_bus.publish(message)

    def _environment(
        self, description: JobDescription, extra: dict[str, str], devices: tuple[Device, ...]
    ) -> dict[str, str]:
        """Return the variables to set for a job: those asked for, and those that tell what it was given."""
        environment = dict(extra)
        if "OMP_NUM_THREADS" not in environment and "OMP_NUM_THREADS" not in os.environ:
            environment["OMP_NUM_THREADS"] = str(max(1, int(description.cores * self.config.scale)))
        if devices:
            environment["CUDA_VISIBLE_DEVICES"] = ",".join(device.name for device in devices)
        return environment

    def _kill_after(self, description: JobDescription) -> float | None:
        """Return the seconds after which to kill a job: those that it may run, or fewer for the sake of testing."""
        limit = description.wall_time or None
        if self.config.badWorker <= 0:
            return limit
        import random

        doomed = random.random() < self.config.badWorker
        return random.uniform(0.0, self.config.badWorkerFailInterval) if doomed else limit

    def _output_files(self, number: int) -> tuple[str, str]:
        if self.config.noStdOutErr:
            return (os.devnull, os.devnull)
        job = str(self._issued[number].description.jobStoreID)
        output, error = (
            output_file(self._work_dir, job, NAME, str(number), what) for what in ("std_output", "std_error")
        )
        return output, error

    # News

    def getUpdatedBatchJob(self, maxWait: float) -> UpdatedBatchJobInfo | None:
        """Wait for a job to end."""
        deadline = time.monotonic() + maxWait
        self._announce_starts()
        while not self._updates:
            if self._debugger is not None:
                if not self._run_one_here(self._debugger):
                    return None
                continue
            remaining = deadline - time.monotonic()
            self._absorb(self._workers.wait(max(0.0, remaining)))
            if remaining <= 0 and not self._updates:
                return None
        return self._updates.popleft()

    def news_files(self) -> list[int]:
        """Return the file that becomes readable when a job has ended."""
        return self._workers.files()

    def _absorb(self, stopped: list[Stopped]) -> None:
        """Take note of jobs that have ended, and start others in their place."""
        for one in stopped:
            if one.put_back and one.number not in self._killed:
                self._admission.put_back(one.number)
                self._leave_bundle(one.number)
                continue
            self._admission.release(one.number)
            self._leave_bundle(one.number)
            if one.status == 0:
                self._learn(one)
            description = self._issued.pop(one.number).description
            if one.number in self._killed:
                self._killed.remove(one.number)
            else:
                self._updates.append(self._news(one, description))
        if stopped:
            self._start_waiting()
            self._announce_starts()

    def _learn(self, one: Stopped) -> None:
        order = self._issued[one.number].description.order
        if order is not None and one.wall:
            self._bundling.durations.learn(order.name, one.wall)

    def _leave_bundle(self, number: int) -> None:
        """Take note that a job does not run any more, and that the next one of its bundle does."""
        self._started.pop(number, None)
        bundle = self._bundles.pop(number, None)
        if bundle is None:
            return
        was_running = bundle[0] == number
        bundle.remove(number)
        if bundle and was_running:
            self._begin(bundle[0])

    def _news(self, one: Stopped, description: JobDescription) -> UpdatedBatchJobInfo:
        reason, asked_for, limit = one.reason, description.memory, description.wall_time
        if reason is None:
            reason = BatchJobExitReason.FINISHED if one.status == 0 else BatchJobExitReason.FAILED
            if one.status == -9:
                # The machine's count of such kills speaks of all its processes; a small one was hardly meant.
                ran_out = self._out_of_memory() and one.peak_memory > _INTERPRETER
                reason = BatchJobExitReason.MEMLIMIT if ran_out else BatchJobExitReason.KILLED
            if one.status == -9 and limit and one.wall >= limit:
                reason = BatchJobExitReason.TIMELIMIT
            elif one.status != 0 and one.peak_memory > max(asked_for, _INTERPRETER):
                reason = BatchJobExitReason.MEMLIMIT
        return UpdatedBatchJobInfo(one.number, one.status, reason, max(one.wall, 1e-6), one.detail, one.log, one.begun)

    def _out_of_memory(self) -> bool:
        """Return whether the kernel has killed processes for lack of memory since this was last asked."""
        before, self._oom_kills = self._oom_kills, oom_kills()
        return self._oom_kills > before

    def _run_one_here(self, debugger: in_process.InProcess) -> bool:
        chosen = self._admission.start_next()
        if chosen is None:
            return False
        number, devices = chosen
        description, extra = self._begin(number)
        self._announce_starts()
        start = self._started[number]
        status = debugger.run(description, self._environment(description, extra, devices))
        self._absorb([Stopped(number, 0, status, time.monotonic() - start)])
        return True

    def getIssuedBatchJobIDs(self) -> list[int]:
        """Return the jobs that wait or run."""
        return [number for number in self._issued if number not in self._killed]

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        """Return the jobs that run, with the seconds since they started."""
        now = time.monotonic()
        return {number: now - start for number, start in self._started.items() if number not in self._killed}

    def getSchedulingStatusMessage(self) -> str | None:
        """Return which resource the waiting jobs lack."""
        limit = self._admission.limiting_resource()
        count = len(self._admission.waiting())
        if not limit:
            return None
        jobs = "The job that waits needs" if count == 1 else f"The oldest of {count} waiting jobs needs"
        return f"{jobs} more {limit} than the {len(self._started)} running jobs leave free."

    def largest_allocation(self) -> Allocation:
        """Return the most that one job can be given."""
        capacity = self._admission.capacity
        return Allocation(capacity.cores / self.config.scale, capacity.memory, capacity.disk)

    # Ending

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        """Kill jobs with all their processes, and wait until these are gone."""
        doomed = set()
        for number in jobIDs:
            if self._admission.withdraw(number):
                del self._issued[number]
            elif number in self._started or number in self._bundles:
                doomed.add(number)
                self._workers.kill(number)
        ended = {news.jobID for news in self._updates} & set(jobIDs)
        self._updates = deque(news for news in self._updates if news.jobID not in ended)
        self._killed |= doomed
        groups = []
        deadline = time.monotonic() + _VANISHING
        while doomed & self._issued.keys() and time.monotonic() < deadline:
            stopped = self._workers.wait(deadline - time.monotonic())
            groups += [one.pid for one in stopped if one.number in doomed and one.pid]
            self._absorb(stopped)
        if doomed & self._issued.keys() or not wait_until_gone(groups, _VANISHING):
            logger.warning("Some processes of killed jobs are still there after %d seconds.", _VANISHING)
        self._start_waiting()

    def shutdown(self) -> None:
        """Kill everything that runs, and wait until it is gone."""
        self._workers.close()
        for number in list(self._issued):
            self._admission.withdraw(number)
        self._issued.clear()
        self._started.clear()
        self._bundles.clear()
        self._updates.clear()


def _accelerator(need: dict[str, str | int]) -> str:
    """Return what kind of accelerator a requirement asks for, as people write it."""
    return str(need.get("model") or need.get("api") or need.get("brand") or need.get("kind") or "gpu")


def _bundle_seconds(config: Config) -> float:
    return BUNDLE_SECONDS if config.bundleSeconds is None else float(config.bundleSeconds)
