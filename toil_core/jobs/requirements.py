"""What a job needs to run: cores, memory, disk, accelerators, and whether it may be preempted.

Values come as users write them (`"2G"`, `0.5`, `"nvidia:2"`, a promise) and are turned into numbers here, once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, cast

from toil_core.errors import UserError
from toil_core.units import human2bytes, seconds_of

if TYPE_CHECKING:
    from toil_core.options.config import Config

REQUIREMENT_NAMES = ("memory", "cores", "disk", "accelerators", "preemptible", "wall_time", "expected_duration")


class AcceleratorRequirement(TypedDict, total=False):
    """A number of like accelerators; absent keys match anything."""

    count: int
    kind: str
    model: str
    brand: str
    api: str


_BRANDS = {"nvidia", "amd"}
_APIS = {"cuda": "nvidia", "rocm": "amd", "opencl": ""}


class InvalidRequirementError(UserError, ValueError):
    """A requirement that cannot be understood or met by any machine."""

    def __init__(self, name: str, value: object, reason: str) -> None:
        super().__init__(f"{value!r} is not a valid requirement for {name}: {reason}")
        self.name = name
        self.value = value


class Allocation(NamedTuple):
    """Requirements as plain numbers: cores, bytes of memory and disk, accelerators, preemptible, and the seconds that
    the job may run, 0 for any time.
    """

    cores: float
    memory: int
    disk: int
    accelerators: tuple[tuple[tuple[str, str | int], ...], ...] = ()
    preemptible: bool = False
    wall_time: float = 0

    def fits(self, other: Allocation) -> bool:
        """Return whether a job that needs `self` can run in what was allocated as `other`."""
        return (
            self.cores <= other.cores
            and self.memory <= other.memory
            and self.disk <= other.disk
            and self.accelerators == other.accelerators
            and (self.preemptible or not other.preemptible)
            # What is left of a limited time is not known beforehand.
            and not self.wall_time
            and not other.wall_time
        )

    def accelerator_requirements(self) -> list[AcceleratorRequirement]:
        """Return the accelerators as the dictionaries that the documented API uses."""
        return [cast(AcceleratorRequirement, dict(items)) for items in self.accelerators]


def parse_accelerator(spec: str | int | Mapping[str, Any]) -> AcceleratorRequirement:
    """Return one accelerator requirement from a count, `TYPE`, `TYPE:COUNT` or a mapping.

    :raises InvalidRequirementError: if it is none of these.
    """
    if isinstance(spec, bool):
        raise InvalidRequirementError("accelerators", spec, "write a count, a type, or TYPE:COUNT.")
    if isinstance(spec, int):
        return _accelerator("gpu", spec)
    if isinstance(spec, str):
        kind, _, count = spec.strip().rpartition(":") if ":" in spec else (spec.strip(), "", "1")
        if kind.isdigit() and count == "1":
            kind, count = "gpu", kind
        if not kind or not count.isdigit():
            raise InvalidRequirementError("accelerators", spec, "write a count, a type, or TYPE:COUNT.")
        return _accelerator(kind, int(count))
    if isinstance(spec, Mapping) and set(spec) <= set(AcceleratorRequirement.__annotations__):
        found = _accelerator(str(spec.get("kind", "gpu")), int(spec.get("count", 1)))
        return cast(AcceleratorRequirement, {**found, **{key: value for key, value in spec.items() if key != "count"}})
    raise InvalidRequirementError("accelerators", spec, "write a count, a type, TYPE:COUNT, or a mapping of these.")


def parse_accelerators(value: Any) -> list[AcceleratorRequirement]:
    """Return a list of accelerator requirements from one specification, a comma-separated string, or a sequence."""
    if value is None:
        return []
    if isinstance(value, str):
        return [parse_accelerator(part) for part in value.split(",") if part.strip()]
    if isinstance(value, Sequence):
        return [parse_accelerator(part) for part in value]
    parsed = parse_accelerator(value)
    return [parsed] if parsed["count"] else []


def _accelerator(kind: str, count: int) -> AcceleratorRequirement:
    if count < 0:
        raise InvalidRequirementError("accelerators", count, "the count cannot be negative.")
    name = kind.lower()
    if name == "gpu":
        return {"count": count, "kind": "gpu"}
    if name in _BRANDS:
        return {"count": count, "kind": "gpu", "brand": name}
    if name in _APIS:
        found: AcceleratorRequirement = {"count": count, "kind": "gpu", "api": name}
        if _APIS[name]:
            found["brand"] = _APIS[name]
        return found
    return {"count": count, "kind": "gpu", "model": kind}


def parse_cores(value: Any) -> float:
    """Return a number of cores; a fraction is kept, a whole number stays an int.

    :raises InvalidRequirementError: if it is not a positive number.
    """
    try:
        number = value if isinstance(value, (int, float)) else _plain_number(str(value))
    except ValueError as error:
        raise InvalidRequirementError("cores", value, str(error)) from None
    if isinstance(value, bool) or not math.isfinite(number) or number < 0:
        raise InvalidRequirementError("cores", value, "write a number such as 2 or 0.5.")
    return int(number) if float(number).is_integer() else number


def _plain_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return human2bytes(text)


def parse_size(name: str, value: Any) -> int:
    """Return a number of bytes.

    :raises InvalidRequirementError: if it is not a size.
    """
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise ValueError("write a number of bytes, or one with a suffix such as 512M or 2Gi.")
        size = human2bytes(value)
        if size < 0:
            raise ValueError("a size cannot be negative.")
        return size
    except (ValueError, OverflowError) as error:
        raise InvalidRequirementError(name, value, str(error)) from None


def parse_flag(name: str, value: Any) -> bool:
    """Return a boolean from a bool, 0 or 1, or the words true and false in any case."""
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise InvalidRequirementError(name, value, "write true or false.")


def parse_time(name: str, value: Any) -> float:
    """Return a number of seconds.

    :raises InvalidRequirementError: if it is not a time.
    """
    try:
        return seconds_of(value)
    except ValueError as error:
        raise InvalidRequirementError(name, value, str(error)) from None


def parse_requirement(name: str, value: Any) -> Any:
    """Return the value of the requirement called `name` as the number, list or flag that it stands for."""
    if name == "cores":
        return parse_cores(value)
    if name == "accelerators":
        return parse_accelerators(value)
    if name == "preemptible":
        return parse_flag(name, value)
    if name in ("wall_time", "expected_duration"):
        return parse_time(name, value)
    return parse_size(name, value)


class Requirer:
    """Anything with requirements: each one is what was asked for, or the configured default.

    :ivar requirements: what was asked for, by name; a value may be a promised requirement until it is resolved.
    """

    __slots__ = ("_config", "requirements")

    def __init__(self, requirements: Mapping[str, Any]) -> None:
        self._config: Config | None = None
        self.requirements: dict[str, Any] = {}
        for name, value in requirements.items():
            if name == "preemptable":
                name = "preemptible"
            if value is not None and name in REQUIREMENT_NAMES:
                self.requirements[name] = value if hasattr(value, "getValue") else parse_requirement(name, value)

    def assignConfig(self, config: Config) -> None:
        """Take defaults for requirements that were left open from this configuration.

        :raises RuntimeError: if a configuration was assigned before.
        """
        if self._config is not None:
            raise RuntimeError(f"{self} has a configuration already; it can be assigned only once.")
        self._config = config

    def _requirement(self, name: str) -> Any:
        if name in self.requirements:
            return self.requirements[name]
        if self._config is None:
            raise AttributeError(f"{name} was not specified, and no configuration is assigned to take a default from.")
        default = getattr(self._config, f"default{name.capitalize()}")
        return parse_requirement(name, default)

    @property
    def cores(self) -> float:
        """The number of CPU cores required."""
        return cast(float, self._requirement("cores"))

    @cores.setter
    def cores(self, value: Any) -> None:
        self.requirements["cores"] = parse_cores(value)

    @property
    def memory(self) -> int:
        """The number of bytes of memory required."""
        return cast(int, self._requirement("memory"))

    @memory.setter
    def memory(self, value: Any) -> None:
        self.requirements["memory"] = parse_size("memory", value)

    @property
    def disk(self) -> int:
        """The number of bytes of local disk required."""
        return cast(int, self._requirement("disk"))

    @disk.setter
    def disk(self, value: Any) -> None:
        self.requirements["disk"] = parse_size("disk", value)

    @property
    def accelerators(self) -> list[AcceleratorRequirement]:
        """The accelerators, such as GPUs, required."""
        return cast("list[AcceleratorRequirement]", self._requirement("accelerators"))

    @accelerators.setter
    def accelerators(self, value: Any) -> None:
        self.requirements["accelerators"] = parse_accelerators(value)

    @property
    def preemptible(self) -> bool:
        """Whether the job may run on a node that can be taken away."""
        return cast(bool, self._requirement("preemptible"))

    @preemptible.setter
    def preemptible(self, value: Any) -> None:
        self.requirements["preemptible"] = parse_flag("preemptible", value)

    @property
    def wall_time(self) -> float:
        """The number of seconds that the job may run; 0 for any time."""
        if "wall_time" in self.requirements or self._config is None:
            return cast(float, self.requirements.get("wall_time", 0.0))
        return float(self._config.defaultWallTime)

    @wall_time.setter
    def wall_time(self, value: Any) -> None:
        self.requirements["wall_time"] = parse_time("wall_time", value)

    @property
    def expected_duration(self) -> float | None:
        """The number of seconds that the job is going to take according to its author, or None if nobody said."""
        return cast("float | None", self.requirements.get("expected_duration"))

    def allocation(self) -> Allocation:
        """Return all requirements as plain numbers, the open ones from the configuration."""
        accelerators = tuple(tuple(sorted(item.items())) for item in self.accelerators)
        return Allocation(
            self.cores,
            self.memory,
            self.disk,
            cast("tuple[tuple[tuple[str, str | int], ...], ...]", accelerators),
            self.preemptible,
            self.wall_time,
        )
