"""How often Python looks for garbage while a workflow is led.

The leader's memory grows by what it learns of jobs, in which there are no cycles; with Python's own settings each look
walks through all of that again, so that a job costs the more the more of them there are.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: How many objects are made, net, between two looks at the youngest ones.
_SELDOM = 50_000


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look for garbage less often than usual within the block, or the function that this decorates."""
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(max(_SELDOM, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
