"""Doing something with many files at once, where what takes time is the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

#: How many files at once.
_THREADS = 16

_Item = TypeVar("_Item")


def in_threads(do: Callable[[_Item], None], items: Sequence[_Item]) -> None:
    """Do something with each item, several at a time.

    :raises Exception: what the first item that fails raises, once all that had begun are done.
    """
    if len(items) < 2:
        for item in items:
            do(item)
        return
    with ThreadPoolExecutor(min(_THREADS, len(items))) as threads:
        list(threads.map(do, items))


def is_far(store: AbstractJobStore) -> bool:
    """Return whether files travel over a network to get to a job store and back."""
    return store.storage.prefers_caching
