"""What this machine has: cores, memory, disk, and accelerators, within the limits set for this process."""

from __future__ import annotations

import math
import os
import subprocess

from toil_core.batch_systems.resources import Amount, Device

_CGROUP = "/sys/fs/cgroup"


def machine_amount(work_dir: str) -> Amount:
    """Return the cores, the memory, and the free disk space that this process may use.

    :param work_dir: a directory on the disk that jobs use.
    """
    disk = os.statvfs(work_dir)
    return Amount.of(usable_cores(), usable_memory(), disk.f_bavail * disk.f_frsize)


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cpu_quota()
    return max(1, min(count, math.ceil(quota))) if quota else max(1, count)


def usable_memory() -> int:
    """Return how much memory this process may use, in bytes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [_limit(path) for path in _cgroup_files("memory.max", "memory", "memory.limit_in_bytes")]
    return min([memory, *(limit for limit in limits if limit)])


def _cpu_quota() -> float:
    """Return how many cores' time a control group allows, or 0."""
    quotas = []
    for path in _cgroup_files("cpu.max", "cpu", "cpu.cfs_quota_us"):
        words = _words(path)
        if len(words) == 1:
            words += _words(path.replace("cfs_quota_us", "cfs_period_us"))
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]):
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas, default=0.0)


def _limit(path: str) -> int:
    words = _words(path)
    return int(words[0]) if words and words[0].isdigit() else 0


def _words(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().split()
    except (OSError, ValueError):
        return []


def _cgroup_files(unified: str, controller: str, legacy: str) -> list[str]:
    """Return where a limit for this process may be found: its control groups and all those above them."""
    try:
        with open("/proc/self/cgroup", encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not controllers:
            root, name = _CGROUP, unified
        elif controller in controllers.split(","):
            root, name = os.path.join(_CGROUP, controller), legacy
        else:
            continue
        parts = [part for part in group.split("/") if part]
        found += [os.path.join(root, *parts[:depth], name) for depth in range(len(parts) + 1)]
    return found


def find_devices() -> list[Device]:
    """Return the GPUs that this process may use: those in `CUDA_VISIBLE_DEVICES`, or all that `nvidia-smi` lists."""
    listed = _query_nvidia()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return [Device(index, model=model) for index, _, model in listed]
    models = {name: model for index, uuid, model in listed for name in (index, uuid)}
    names = [name.strip() for name in visible.split(",")]
    return [Device(name, model=models.get(name, "")) for name in names if name and name != "-1"]


def _query_nvidia() -> list[tuple[str, str, str]]:
    """Return the index, the UUID and the model of each GPU."""
    command = ["nvidia-smi", "--query-gpu=index,uuid,name", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[field.strip() for field in line.split(",", 2)] for line in answer.stdout.splitlines()]
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3]


def oom_kills() -> int:
    """Return how many processes the kernel has killed for lack of memory since it started; 0 where it does not tell."""
    words = _words("/proc/vmstat")
    return int(words[words.index("oom_kill") + 1]) if "oom_kill" in words else 0
