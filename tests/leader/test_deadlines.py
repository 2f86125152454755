"""Periodic duties are done when they are due, and not before."""

from __future__ import annotations

from toil_core.leader.deadlines import Deadlines


def test_each_action_is_called_once_per_period() -> None:
    now = [0.0]
    calls: list[str] = []
    deadlines = Deadlines(lambda: now[0])
    deadlines.every(5, lambda: calls.append("often"))
    deadlines.every(12, lambda: calls.append("rarely"))
    assert deadlines.seconds_left() == 5
    for second in range(25):
        now[0] = float(second)
        deadlines.run_due()
    assert calls == ["often", "often", "rarely", "often", "often", "rarely"]


def test_without_actions_nothing_is_due_soon() -> None:
    assert Deadlines(lambda: 0.0).seconds_left() > 60
