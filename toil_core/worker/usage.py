"""What an attempt at a job uses: time, CPU time of it and its children, peak memory and, for `--stats`, disk."""

from __future__ import annotations

import os
import resource
import sys
import time

from toil_core.jobs.records import Usage

#: What the system counts peak memory in.
_UNIT = 1 if sys.platform == "darwin" else 1024
#: Writing this there makes Linux forget how much memory the process has had at most.
_FORGET_PEAK = ("/proc/self/clear_refs", b"5")


class UsageClock:
    """Measures what this process and its children use from now on.

    A worker that goes on with another job forgets the peak of the job before, where the system can. Of its children the
    system remembers only the largest one ever; it counts for a job that has had children itself.
    """

    def __init__(self) -> None:
        _forget_peak()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._children_peak = children.ru_maxrss
        self._children_cpu = children.ru_utime + children.ru_stime
        self._start = time.time()
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    def usage(self, directory: str = "") -> Usage:
        """Return what was used up to now.

        :param directory: whose size to take for the disk used; empty leaves that out.
        """
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        children_cpu = children.ru_utime + children.ru_stime - self._children_cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if children_cpu > 0 or children.ru_maxrss > self._children_peak:
            peak = max(peak, children.ru_maxrss)
        disk = disk_used(directory) if directory else 0
        return Usage(self._start, wall, cpu + children_cpu, peak * _UNIT, disk)


def disk_used(directory: str) -> int:
    """Return the bytes of disk that everything in a directory takes; what vanishes meanwhile does not count.

    Links to elsewhere are not followed, and a file that has several names in the directory counts once.
    """
    total = 0
    seen: set[int] = set()
    directories = [directory]
    while directories:
        try:
            entries = os.scandir(directories.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                try:
                    found = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    directories.append(entry.path)
                if found.st_nlink == 1 or found.st_ino not in seen:
                    total += found.st_blocks * 512
                if found.st_nlink > 1:
                    seen.add(found.st_ino)
    return total


def _forget_peak() -> None:
    path, word = _FORGET_PEAK
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(fd, word)
    except OSError:
        return
    finally:
        os.close(fd)
