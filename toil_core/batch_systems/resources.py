"""Which job starts next: pure decisions about the resources of one machine, without processes or clocks.

Jobs of like requirements wait in one queue, so that issuing one or ending one costs as much as there are kinds of
requirements, not jobs. The oldest waiting job goes first. Younger ones that fit may overtake it while it does not fit
yet, but not for ever: after `PATIENCE` times as many as were running when it first had to wait, what is free is kept
for it, and only jobs that fit beside it may still start.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

#: How many generations of running jobs may overtake the oldest waiting one.
PATIENCE = 4
#: Cores are counted in whole thousandths, so that fractions add up exactly.
_MILLI = 1000


class Amount(NamedTuple):
    """An amount of each resource: thousandths of cores, bytes of memory and of disk."""

    milli_cores: int
    memory: int
    disk: int

    @classmethod
    def of(cls, cores: float, memory: int, disk: int) -> Amount:
        """Return an amount from a number of cores, rounded up to thousandths, and from bytes."""
        return cls(math.ceil(round(cores * _MILLI, 6)), memory, disk)

    @property
    def cores(self) -> float:
        """The number of cores."""
        return self.milli_cores / _MILLI

    def plus(self, other: Amount) -> Amount:
        """Return the sum."""
        return Amount(self[0] + other[0], self[1] + other[1], self[2] + other[2])

    def minus(self, other: Amount) -> Amount:
        """Return the difference."""
        return Amount(self[0] - other[0], self[1] - other[1], self[2] - other[2])

    def lacking(self, need: Amount) -> str:
        """Return the name of the first resource of which there is less than needed, or nothing."""
        if need[0] > self[0]:
            return "cores"
        if need[1] > self[1]:
            return "memory"
        return "disk" if need[2] > self[2] else ""


Filters = tuple[tuple[tuple[str, str | int], ...], ...]


class Shape(NamedTuple):
    """What jobs of one kind need: an amount, and accelerators as descriptions have them."""

    amount: Amount
    accelerators: Filters = ()


class Device(NamedTuple):
    """An accelerator of this machine: how it is named in `CUDA_VISIBLE_DEVICES`, and what it is."""

    name: str
    brand: str = "nvidia"
    api: str = "cuda"
    model: str = ""

    def satisfies(self, wanted: tuple[tuple[str, str | int], ...]) -> bool:
        """Return whether it is what a requirement asks for; what the machine does not tell is taken to match."""
        for key, value in wanted:
            if key in ("brand", "api") and value != getattr(self, key):
                return False
            if key == "kind" and str(value).lower() not in ("gpu", self.brand, self.api, self.model.lower()):
                return False
            if key == "model" and self.model and _plain(str(value)) not in _plain(self.model):
                return False
        return True


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum()).removeprefix("nvidia")


def choose_devices(wanted: Filters, free: Sequence[Device]) -> tuple[Device, ...] | None:
    """Return devices for all of the requirements, or None if there are not enough."""
    chosen: list[Device] = []
    for requirement in wanted:
        count = int(dict(requirement).get("count", 1))
        matching = [device for device in free if device not in chosen and device.satisfies(requirement)]
        if len(matching) < count:
            return None
        chosen += matching[:count]
    return tuple(chosen)


class _Queue:
    """The waiting jobs of one shape, oldest first; jobs that were withdrawn are passed over when their turn comes."""

    __slots__ = ("jobs", "waiting")

    def __init__(self) -> None:
        self.jobs: deque[tuple[int, int]] = deque()
        self.waiting = 0


class _Slot:
    """What a running job was given, and those that run after it in the same process share.

    :ivar first: the job that it was given to.
    :ivar jobs: how many have it.
    """

    __slots__ = ("devices", "first", "jobs", "shape")

    def __init__(self, first: int, shape: Shape, devices: tuple[Device, ...]) -> None:
        self.first = first
        self.shape = shape
        self.devices = devices
        self.jobs = 1


class Admission:
    """Decides which of the waiting jobs may start, and keeps count of what is free.

    :param capacity: what there is.
    :param devices: called at most once, when a job first asks for accelerators; returns those that there are.
    """

    def __init__(self, capacity: Amount, devices: Callable[[], Sequence[Device]] = tuple) -> None:
        self.capacity = capacity
        self.free = capacity
        self._find_devices = devices
        self._devices: list[Device] | None = None
        self._free_devices: list[Device] = []
        self._queues: dict[Shape, _Queue] = {}
        self._waiting: dict[int, Shape] = {}
        self._running: dict[int, _Slot] = {}
        #: When the jobs that share another one's slot came to wait.
        self._tickets: dict[int, int] = {}
        self._ticket = 0
        self._blocked: int | None = None
        self._overtakes_left = 0
        self._overtakers: dict[int, Amount] = {}

    def devices(self) -> list[Device]:
        """Return all accelerators."""
        if self._devices is None:
            self._devices = list(self._find_devices())
            self._free_devices = list(self._devices)
        return self._devices

    def lacking(self, shape: Shape) -> str:
        """Return the name of the resource of which there will never be enough for this shape, or nothing."""
        lacking = self.capacity.lacking(shape.amount)
        if not lacking and shape.accelerators and choose_devices(shape.accelerators, self.devices()) is None:
            return "accelerators"
        return lacking

    def add(self, job: int, shape: Shape) -> None:
        """Let a job wait; it must not lack anything for good."""
        queue = self._queues.get(shape)
        if queue is None:
            queue = self._queues[shape] = _Queue()
        self._ticket += 1
        queue.jobs.append((self._ticket, job))
        queue.waiting += 1
        self._waiting[job] = shape

    def withdraw(self, job: int) -> bool:
        """Take back a job that waits.

        :returns: whether it was waiting.
        """
        shape = self._waiting.pop(job, None)
        if shape is None:
            return False
        self._one_less(shape)
        return True

    def _one_less(self, shape: Shape) -> None:
        queue = self._queues[shape]
        queue.waiting -= 1
        if not queue.waiting:
            del self._queues[shape]

    def waiting(self) -> list[int]:
        """Return the jobs that wait."""
        return list(self._waiting)

    def release(self, job: int) -> None:
        """Take back what a job was given, unless another one shares it."""
        self._tickets.pop(job, None)
        slot = self._running.pop(job)
        slot.jobs -= 1
        if not slot.jobs:
            self.free = self.free.plus(slot.shape.amount)
            self._free_devices += slot.devices
            self._overtakers.pop(slot.first, None)

    def slots(self, job: int) -> tuple[int, int]:
        """Return how many jobs like this one, which runs, can run at a time, and how many of them wait."""
        shape = self._running[job].shape
        queue = self._queues.get(shape)
        there_is = zip(self.capacity, shape.amount, strict=True)
        most = min((have // need for have, need in there_is if need), default=len(self._waiting) + 1)
        return int(most), queue.waiting if queue is not None else 0

    def share(self, job: int, accepts: Callable[[int], bool]) -> list[int]:
        """Let waiting jobs of the same shape share what a running job was given: they run after it.

        :param accepts: asked for one waiting job after the other, oldest first, until it returns False.
        :returns: those that were accepted.
        """
        slot = self._running[job]
        found: list[int] = []
        while (queue := self._queues.get(slot.shape)) is not None:
            ticket, other = self._head(queue)
            if not accepts(other):
                break
            queue.jobs.popleft()
            del self._waiting[other]
            self._one_less(slot.shape)
            self._running[other] = slot
            self._tickets[other] = ticket
            slot.jobs += 1
            found.append(other)
        return found

    def put_back(self, job: int) -> None:
        """Let a job that shares another one's slot, and has not begun, wait again in its old place."""
        ticket, shape = self._tickets[job], self._running[job].shape
        self.release(job)
        queue = self._queues.get(shape)
        if queue is None:
            queue = self._queues[shape] = _Queue()
        queue.jobs.appendleft((ticket, job))
        queue.waiting += 1
        self._waiting[job] = shape

    def start_next(self) -> tuple[int, tuple[Device, ...]] | None:
        """Choose a job that may start now, and give it what it needs.

        :returns: the job and its accelerators, or None if no waiting job may start.
        """
        if not self._waiting or self.free.milli_cores <= 0:
            return None
        oldest = None
        for ticket, job, shape in self._heads():
            if oldest is None:
                oldest = ticket
                self._notice_blocked(ticket)
            devices = self._choose(shape)
            if devices is None:
                continue
            if ticket != oldest and not self._may_overtake(job, shape):
                continue
            return job, self._start(job, shape, devices)
        return None

    def _heads(self) -> Iterator[tuple[int, int, Shape]]:
        """Yield the first job of each queue, with its ticket, oldest first."""
        if len(self._queues) == 1:
            shape, queue = next(iter(self._queues.items()))
            yield (*self._head(queue), shape)
            return
        yield from sorted((*self._head(queue), shape) for shape, queue in self._queues.items())

    def _head(self, queue: _Queue) -> tuple[int, int]:
        while queue.jobs[0][1] not in self._waiting:
            queue.jobs.popleft()
        return queue.jobs[0]

    def _choose(self, shape: Shape) -> tuple[Device, ...] | None:
        if self.free.lacking(shape.amount):
            return None
        if not shape.accelerators:
            return ()
        self.devices()
        return choose_devices(shape.accelerators, self._free_devices)

    def _notice_blocked(self, ticket: int) -> None:
        if ticket != self._blocked:
            self._blocked = ticket
            self._overtakes_left = PATIENCE * max(1, len(self._running))
            self._overtakers.clear()

    def _may_overtake(self, job: int, shape: Shape) -> bool:
        """Return whether a job may start before the oldest one, and take note if so."""
        if self._overtakes_left > 0:
            self._overtakes_left -= 1
            return True
        oldest = next(its for ticket, _, its in self._heads() if ticket == self._blocked)
        beside = self.capacity.minus(oldest.amount)
        for taken in self._overtakers.values():
            beside = beside.minus(taken)
        if beside.lacking(shape.amount) or (oldest.accelerators and shape.accelerators):
            return False
        self._overtakers[job] = shape.amount
        return True

    def _start(self, job: int, shape: Shape, devices: tuple[Device, ...]) -> tuple[Device, ...]:
        self._queues[shape].jobs.popleft()
        del self._waiting[job]
        self._one_less(shape)
        self.free = self.free.minus(shape.amount)
        for device in devices:
            self._free_devices.remove(device)
        self._running[job] = _Slot(job, shape, devices)
        return devices

    def limiting_resource(self) -> str:
        """Return the name of the resource that the oldest waiting job waits for, or nothing."""
        if not self._waiting:
            return ""
        _, _, shape = next(self._heads())
        lacking = self.free.lacking(shape.amount)
        if not lacking and shape.accelerators and self._choose(shape) is None:
            return "accelerators"
        return lacking
