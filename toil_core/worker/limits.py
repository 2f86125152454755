"""Limits that the kernel keeps a job to, where it can (`--enforceMemory`)."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limited_memory(size: int) -> Iterator[None]:
    """Let this process, and each one that it starts, allocate no more than so many bytes of data within the block.

    What is over it fails as if the machine had no more memory: in Python, with `MemoryError`.

    :param size: bytes; 0 sets no limit.
    """
    if size <= 0:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
