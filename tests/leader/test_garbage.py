"""How often garbage is looked for while a workflow is led."""

from __future__ import annotations

import gc

import pytest

from toil_core.leader.garbage import collected_seldom


def test_garbage_is_looked_for_less_often_and_afterwards_as_before() -> None:
    before = gc.get_threshold()

    @collected_seldom()
    def threshold() -> int:
        return gc.get_threshold()[0]

    assert threshold() == threshold() > before[0]
    assert gc.get_threshold() == before
    with pytest.raises(KeyError), collected_seldom():
        raise KeyError
    assert gc.get_threshold() == before


def test_who_wants_no_garbage_collection_gets_none() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with collected_seldom():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
