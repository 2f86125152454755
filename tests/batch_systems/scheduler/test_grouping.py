"""What is handed to a scheduler together."""

from __future__ import annotations

from toil_core.batch_systems.bundling import Bundling
from toil_core.batch_systems.scheduler.grouping import HOLD, PILOTS, Array, Pilots, Waiting, group, split


def jobs(count: int, kind: str = "short", needs: str = "small", first: int = 0, **facts: bool | float) -> list[Waiting]:
    return [Waiting(first + number, needs, kind, **facts) for number in range(count)]  # type: ignore[arg-type]


def knowing(seconds: float, kind: str = "short", target: float = 30.0) -> Bundling:
    bundling = Bundling(target)
    for _ in range(PILOTS):
        bundling.durations.learn(kind, seconds)
    return bundling


def tasks(waiting: list[Waiting], bundling: Bundling, slots: int = 4, largest: int = 1000) -> list[list[int]]:
    return [[len(task) for task in array.tasks] for array in group(waiting, bundling, lambda _: slots, largest)]


def test_jobs_that_need_the_same_become_one_array() -> None:
    waiting = [*jobs(3), *jobs(2, needs="large", first=3)]
    arrays = group(waiting, Bundling(30), lambda _: 4, 1000)
    assert [(array.needs, array.tasks) for array in arrays] == [
        ("small", [(0,), (1,), (2,)]),
        ("large", [(3,), (4,)]),
    ]


def test_an_array_is_no_larger_than_the_scheduler_takes() -> None:
    assert [len(sizes) for sizes in tasks(jobs(250), Bundling(30), largest=100)] == [100, 100, 50]


def test_without_arrays_each_task_is_handed_over_alone() -> None:
    assert tasks(jobs(3), Bundling(30), largest=1) == [[1], [1], [1]]


def test_short_jobs_are_bundled_up_to_the_time_that_a_bundle_should_take() -> None:
    assert tasks(jobs(40), knowing(3.0), slots=1) == [[10, 10, 10, 10]]


def test_bundles_leave_something_for_every_slot() -> None:
    assert tasks(jobs(40), knowing(3.0), slots=8) == [[5] * 8]


def test_a_long_job_is_in_no_bundle() -> None:
    waiting = [*jobs(6), *jobs(1, kind="long", first=6)]
    assert sorted(tasks(waiting, knowing(1.0), slots=1)[0]) == [1, 6]


def test_nothing_is_bundled_where_the_user_does_not_want_it() -> None:
    assert tasks(jobs(5), knowing(0.01, target=0)) == [[1] * 5]


def test_a_job_that_failed_before_is_alone() -> None:
    waiting = [*jobs(1, may_be_bundled=False), *jobs(3, first=1)]
    assert sorted(tasks(waiting, knowing(1.0), slots=1)[0]) == [1, 3]


def test_what_the_author_says_of_the_duration_counts_from_the_first_job_on() -> None:
    assert tasks(jobs(20, expected=1.0), Bundling(30), slots=1) == [[20]]
    assert tasks(jobs(2, expected=20.0), Bundling(30), slots=1) == [[1, 1]]


def test_pilots_of_an_unknown_kind_go_first_and_the_others_wait_for_them() -> None:
    pilots = Pilots(Bundling(30))
    chosen, until = pilots.choose(jobs(100), now=50.0)
    assert len(chosen) == PILOTS
    assert until == 50.0 + HOLD


def test_without_news_of_the_pilots_the_others_go_when_the_time_is_up() -> None:
    pilots = Pilots(Bundling(30))
    pilots.choose(jobs(100), now=50.0)
    assert pilots.choose(jobs(92), now=51.0)[0] == []
    chosen, until = pilots.choose(jobs(92), now=50.0 + HOLD)
    assert (len(chosen), until) == (92, None)


def test_with_news_of_the_pilots_the_others_go_at_once() -> None:
    bundling = Bundling(30)
    pilots = Pilots(bundling)
    pilots.choose(jobs(100), now=50.0)
    for _ in range(PILOTS):
        bundling.durations.learn("short", 0.01)
    assert len(pilots.choose(jobs(92), now=51.0)[0]) == 92


def test_few_jobs_and_jobs_that_cannot_be_bundled_do_not_wait() -> None:
    pilots = Pilots(Bundling(30))
    waiting = [*jobs(10), *jobs(100, kind="command", first=10, may_be_bundled=False)]
    assert len(pilots.choose(waiting, now=0.0)[0]) == 110
    assert len(Pilots(Bundling(0)).choose(jobs(100), now=0.0)[0]) == 100


def test_an_array_whose_script_would_be_too_long_is_divided() -> None:
    array = Array("small", [(0,), (1, 2), (3,), (4,)])
    parts = split(array, lambda task: 10 * len(task), 25)
    assert [part.tasks for part in parts] == [[(0,)], [(1, 2)], [(3,), (4,)]]
    assert [part.tasks for part in split(array, lambda _: 1, 100)] == [array.tasks]
