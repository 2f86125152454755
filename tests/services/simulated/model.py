"""What a simulated cluster is made of: hosts, what a job asks for, tasks and how they ended, and the faults."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class State(enum.Enum):
    """Where a task is; `UNKNOWN` is never true, only shown."""

    PENDING = "pending"
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


class End(enum.Enum):
    """Why a task ended."""

    EXIT = "exit"
    MEMORY = "memory"
    TIME = "time"
    CANCELLED = "cancelled"
    NODE = "node"
    PREEMPTED = "preempted"
    LAUNCH = "launch"


@dataclass
class Host:
    """A made-up machine; its memory is in MiB."""

    name: str
    cpus: int
    memory: int
    up: bool = True


@dataclass(frozen=True)
class Launch:
    """How the process of a task is started; paths are absolute."""

    arguments: list[str]
    environment: Mapping[str, str]
    directory: str
    stdout: str
    stderr: str | None = None
    stdin: str = "/dev/null"
    append: bool = False


@dataclass(frozen=True)
class Request:
    """What a job asks for: memory in MiB, time in seconds; `memory_limit` is what it is killed for.

    `launch` is asked when a task starts, `ended` is called after it has ended; `notes` hold what only the front end
    that made the request understands.
    """

    name: str
    user: str
    launch: Callable[[Task], Launch]
    cpus: int = 1
    memory: int = 0
    seconds: float | None = None
    memory_limit: int | None = None
    queue: str = ""
    hosts: frozenset[str] | None = None
    indices: tuple[int, ...] | None = None
    together: int | None = None
    held: bool = False
    requeue: bool = False
    ended: Callable[[Task], None] | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Task:
    """One process to run: a job, or one element of an array; times are seconds since the epoch, `rss` is bytes."""

    request: Request
    job: int
    index: int | None
    raw: int
    submitted: float
    state: State = State.PENDING
    held: bool = False
    starts: int = 0
    started: float | None = None
    ended: float | None = None
    host: str | None = None
    pid: int | None = None
    end: End | None = None
    status: int = 0
    signal: int = 0
    rss: int = 0
    cpu_seconds: float = 0.0
    doom: End | None = None
    doomed_at: float = 0.0
    killed_by: int | None = None
    gone: bool = False

    def shown_as(self, state: State) -> Task:
        """A copy that claims another state."""
        if state is State.PENDING:
            return dataclasses.replace(self, state=state, end=None, started=None, ended=None, host=None)
        return dataclasses.replace(self, state=state, end=None, ended=None)


@dataclass
class Faults:
    """What goes wrong; set by `simctl` while the cluster runs, and by variables when it starts.

    `slow` is seconds for each command; `down` names commands that cannot reach the scheduler (`all`: every one);
    `lag` is by how many seconds what is shown is late, `history_lag` the same for the history; `keep` after how many
    seconds ended tasks are forgotten by queue and history; `flap` is KIND:COUNT, see `Engine.shown`; `refuse` is how
    many of the next submissions are refused (-1: all); `limit` is how many tasks may wait or run; `ends` is
    HOW:COUNT: how the next tasks to start end, `end_after` seconds later; `minute` is how many seconds a minute of a
    time limit takes; `grace` is how long after SIGTERM comes SIGKILL.
    """

    slow: float = 0.0
    down: str = ""
    lag: float = 0.0
    history: bool = True
    history_lag: float = 0.0
    keep: float | None = None
    flap: str = ""
    refuse: int = 0
    limit: int | None = None
    ends: str = ""
    end_after: float = 0.1
    minute: float = 60.0
    grace: float = 1.0

    def set(self, name: str, text: str) -> None:
        """Set a fault from the text of a command line.

        :raises ValueError: there is no such fault, or the text is not a value for it.
        """
        kinds: dict[str, Callable[[str], Any]] = {
            "slow": float,
            "lag": float,
            "history_lag": float,
            "end_after": float,
            "grace": float,
            "minute": float,
            "keep": lambda value: float(value) if value else None,
            "limit": lambda value: int(value) if value else None,
            "refuse": int,
            "history": lambda value: value not in ("0", "off", "no", ""),
            "down": str,
            "flap": str,
            "ends": str,
        }
        if name not in kinds:
            raise ValueError(f"there is no fault '{name}'; there are: {', '.join(sorted(kinds))}")
        setattr(self, name, kinds[name](text))

    def is_down(self, command: str) -> bool:
        """Whether a command cannot reach the scheduler."""
        names = self.down.split(",")
        return "all" in names or command in names
