"""Which job starts next."""

from __future__ import annotations

import pytest

from toil_core.batch_systems.resources import PATIENCE, Admission, Amount, Device, Shape, choose_devices


def shape(cores: float = 1, memory: int = 0, disk: int = 0) -> Shape:
    return Shape(Amount.of(cores, memory, disk))


def started(admission: Admission) -> list[int]:
    """Start all jobs that may start, and return them."""
    found = []
    while (chosen := admission.start_next()) is not None:
        found.append(chosen[0])
    return found


def test_fractions_of_cores_add_up_exactly() -> None:
    admission = Admission(Amount.of(1, 0, 0))
    for job in range(11):
        admission.add(job, shape(0.1))
    assert started(admission) == list(range(10))
    for job in range(10):
        admission.release(job)
    assert admission.free == admission.capacity


def test_each_resource_limits() -> None:
    for name, need in (("cores", shape(3)), ("memory", shape(1, 11)), ("disk", shape(1, 0, 11))):
        admission = Admission(Amount.of(2, 10, 10))
        assert admission.lacking(need) == name
        smaller = Shape(
            Amount(*(min(part, limit) for part, limit in zip(need.amount, admission.capacity, strict=True)))
        )
        admission.add(1, smaller)
        admission.add(2, smaller)
        assert started(admission) == [1]
        assert admission.limiting_resource() == ("cores" if name == "cores" else name)


def test_oldest_first_within_and_across_shapes() -> None:
    admission = Admission(Amount.of(1, 10, 0))
    admission.add(1, shape(1, 1))
    admission.add(2, shape(1, 2))
    admission.add(3, shape(1, 1))
    order = []
    for _ in range(3):
        order += started(admission)
        admission.release(order[-1])
    assert order == [1, 2, 3]


def test_a_withdrawn_job_never_starts() -> None:
    admission = Admission(Amount.of(1, 0, 0))
    for job in (1, 2, 3):
        admission.add(job, shape())
    assert admission.withdraw(2) and not admission.withdraw(2)
    assert started(admission) == [1]
    assert not admission.withdraw(1)
    admission.release(1)
    assert started(admission) == [3]
    assert admission.waiting() == []


def test_small_jobs_fill_the_gap_beside_one_that_does_not_fit_yet() -> None:
    admission = Admission(Amount.of(2, 0, 0))
    admission.add(1, shape(1))
    admission.add(2, shape(2))
    admission.add(3, shape(1))
    assert started(admission) == [1, 3]


@pytest.mark.parametrize("cores", [2, 4, 16])
def test_a_big_job_is_overtaken_a_bounded_number_of_times(cores: int) -> None:
    admission = Admission(Amount.of(cores, 0, 0))
    big, small = 0, 1
    running = []
    for _ in range(cores):
        admission.add(small, shape(1))
        running.append(small)
        small += 1
    started(admission)
    admission.add(big, shape(cores))
    overtaken = 0
    while big not in running:
        overtaken += 1
        admission.add(small, shape(1))
        small += 1
        if running:
            admission.release(running.pop(0))
        running += started(admission)
        assert overtaken <= (PATIENCE + 1) * cores


def test_what_is_not_needed_by_the_big_job_is_used_meanwhile() -> None:
    admission = Admission(Amount.of(3, 0, 0))
    for job in (1, 2):
        admission.add(job, shape(1))
    assert started(admission) == [1, 2]
    admission.add(99, shape(2))
    jobs = iter(range(100, 1000))
    for _ in range(PATIENCE * 4):
        job = next(jobs)
        admission.add(job, shape(1))
        assert started(admission) == [job]
        admission.release(job)
    admission.release(1)
    assert 99 in started(admission)


def test_issuing_and_ending_cost_the_same_however_many_wait() -> None:
    admission = Admission(Amount.of(1, 0, 0))
    for job in range(20_000):
        admission.add(job, shape())
    order = []
    while now := started(admission):
        order += now
        admission.release(now[0])
    assert order == list(range(20_000))


GPUS = [Device("0", model="NVIDIA A100-SXM4"), Device("1", model="Tesla K80")]


def test_devices_match_by_brand_interface_and_model() -> None:
    def wanted(**need: str | int) -> tuple[tuple[tuple[str, str | int], ...], ...]:
        return (tuple(need.items()),)

    assert choose_devices(wanted(kind="gpu", count=2), GPUS) == tuple(GPUS)
    assert choose_devices(wanted(kind="gpu", count=3), GPUS) is None
    assert choose_devices(wanted(kind="gpu", model="nvidia-tesla-k80", count=1), GPUS) == (GPUS[1],)
    assert choose_devices(wanted(kind="gpu", brand="amd", count=1), GPUS) is None
    assert choose_devices(wanted(kind="gpu", api="cuda", brand="nvidia", count=1), GPUS) == (GPUS[0],)
    assert choose_devices((*wanted(count=1), *wanted(count=1)), GPUS) == tuple(GPUS)


def test_devices_are_looked_for_only_when_someone_asks_for_them() -> None:
    asked: list[int] = []

    def find() -> list[Device]:
        asked.append(1)
        return GPUS

    admission = Admission(Amount.of(2, 0, 0), find)
    admission.add(1, shape())
    assert started(admission) == [1] and asked == []
    gpu = Shape(Amount.of(1, 0, 0), ((("count", 1), ("kind", "gpu")),))
    assert admission.lacking(gpu) == ""
    admission.add(2, gpu)
    assert admission.start_next() == (2, (GPUS[0],))
    admission.release(2)
    assert admission.lacking(Shape(Amount.of(1, 0, 0), ((("count", 3),),))) == "accelerators"
    assert asked == [1]
