"""What a cluster is made of, as `sinfo` lists it: which partitions could run a task, and how often at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from toil_core.api import AcceleratorRequirement, bytes2human
from toil_plugin_slurm.states import seconds_of

#: What `sinfo --exact` is asked for; `read_nodes` reads it.
FORMAT = "%P|%a|%l|%D|%c|%m|%G|%T|%M"
#: States of nodes that run nothing now, but may again.
_AWAY = ("down", "drain", "fail", "error", "maint", "unknown", "inval", "perfctrs", "reboot")


class Gres(NamedTuple):
    """Generic resources, as `--gres` takes them; a `type` that is empty stands for any."""

    name: str
    type: str
    number: int

    def __str__(self) -> str:
        return ":".join(part for part in (self.name, self.type, str(self.number)) if part)


class Needs(NamedTuple):
    """What a task needs: cores, MiB of memory, generic resources, and the seconds that it may run, 0 for any time."""

    cores: int
    megabytes: int
    gres: tuple[Gres, ...] = ()
    seconds: float = 0

    def __str__(self) -> str:
        return _in_words(self.cores, self.megabytes, self.gres)


class Nodes(NamedTuple):
    """Nodes of a partition that are alike."""

    partition: str
    is_default: bool
    is_up: bool
    limit: float
    number: int
    cores: int
    megabytes: int
    gres: tuple[Gres, ...]
    are_there: bool
    may_be_taken: bool

    def how_many(self, needs: Needs) -> int:
        """Return how many tasks with these needs one such node can run at a time."""
        if needs.seconds > self.limit:
            return 0
        # Where Slurm was not told how much memory nodes have, it says 1.
        memory = self.megabytes // needs.megabytes if self.megabytes > 1 else self.cores
        return min(self.cores // needs.cores, memory, *(self._how_often(one) for one in needs.gres))

    def _how_often(self, wanted: Gres) -> int:
        have = sum(one.number for one in self.gres if one.name == wanted.name and wanted.type in ("", one.type))
        return have // wanted.number

    def cost(self) -> tuple[object, ...]:
        """Return what orders partitions from the one to prefer to the one to avoid."""
        gpus = sum(one.number for one in self.gres)
        return not self.is_up, not self.is_default, gpus, self.may_be_taken, self.cores, self.megabytes, self.limit

    def __str__(self) -> str:
        return f"{_in_words(self.cores, self.megabytes, self.gres)} (partition '{self.partition}')"


def read_nodes(output: str) -> list[Nodes]:
    """Return what `sinfo` has printed in `FORMAT`; lines that say something else are left out."""
    found = []
    for line in output.splitlines():
        words = [word.strip() for word in line.split("|")]
        if len(words) != FORMAT.count("|") + 1 or not all(words[at].isdigit() for at in (3, 4, 5)):
            continue
        partition, available, limit, count, cores, megabytes, gres, state, preemption = words
        found.append(
            Nodes(
                partition.rstrip("*"),
                partition.endswith("*"),
                available == "up",
                seconds_of(limit) or math.inf,
                *(int(count), int(cores), int(megabytes)),
                _read_gres(gres),
                not state.startswith(_AWAY),
                preemption.lower() not in ("off", "n/a"),
            )
        )
    return found


def _read_gres(text: str) -> tuple[Gres, ...]:
    bare = re.sub(r"\([^)]*\)", "", text)
    matches = (re.fullmatch(r"(\w+)(?::(.+))?:(\d+)", word) for word in bare.split(","))
    return tuple(Gres(match[1], match[2] or "", int(match[3])) for match in matches if match)


def gres_for(accelerators: Iterable[AcceleratorRequirement], nodes: Sequence[Nodes]) -> tuple[Gres, ...]:
    """Return what to ask for to be given accelerators, by the names that the cluster has for them."""
    wanted = []
    for one in accelerators:
        if not one["count"]:
            continue
        name, model, brand = one.get("kind", "gpu"), one.get("model", ""), one.get("brand", "")
        types = sorted({has.type for group in nodes for has in group.gres if has.name == name}, key=len)
        matching = [known for known in types if (model or brand) and (model or brand).lower() in known.lower()]
        wanted.append(Gres(name, matching[0] if matching else model, one["count"]))
    return tuple(wanted)


def complaint(needs: Needs, nodes: Sequence[Nodes]) -> str:
    """Return why none of these nodes can run a task, as a sentence, or an empty string if one can."""
    if not nodes or any(group.how_many(needs) for group in nodes):
        return ""
    if any(group.how_many(needs._replace(seconds=0)) for group in nodes):
        longest = max(nodes, key=lambda group: group.limit)
        return (
            f"Slurm lets no such job run for {needs.seconds:g} seconds; "
            f"the most is {longest.limit:g} (partition '{longest.partition}')."
        )
    largest = max(nodes, key=lambda group: (len(group.gres) if needs.gres else 0, group.cores, group.megabytes))
    return f"No node of Slurm has what it needs: {needs}. The largest one has {largest}."


def _in_words(cores: int, megabytes: int, gres: Iterable[Gres]) -> str:
    return ", ".join([f"{cores} cores", f"{bytes2human(megabytes << 20)} of memory", *map(str, gres)])
