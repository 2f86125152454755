"""What jobs are given that ask for nothing, and how much all of them get at once."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.options_effects.probing import Probe

CORES = len(os.sched_getaffinity(0))
SMALL = {"memory": "1M", "disk": "1M", "cores": 0.01}


@pytest.mark.parametrize(
    ("options", "requirement", "given"),
    [
        ((), "memory", 2 << 30),
        ((), "disk", 2 << 30),
        ((), "cores", 1),
        ((), "accelerators", []),
        ((), "preemptible", False),
        (("--defaultMemory", "300Mi"), "memory", 300 << 20),
        (("--defaultMemory=5000000",), "memory", 5_000_000),
        (("--defaultDisk", "0.5G"), "disk", 500_000_000),
        (("--defaultCores", "0.1"), "cores", 0.1),
        (("--defaultPreemptible",), "preemptible", True),
        (("--defaultPreemptible", "true"), "preemptible", True),
        (("--defaultPreemptible", "false"), "preemptible", False),
        (("--defaultPreemptable", "true"), "preemptible", True),
    ],
)
@pytest.mark.parametrize("under_toil", [False, True])
def test_a_job_that_asks_for_nothing_gets_the_default(
    probe: Probe, options: tuple[str, ...], requirement: str, given: Any, under_toil: bool
) -> None:
    assert probe.run("needs", None, *options, under_toil=under_toil).result[requirement] == given


def test_a_job_that_asks_gets_what_it_asks_for(probe: Probe) -> None:
    asked = {"memory": "10M", "disk": "20M", "cores": 0.5, "preemptible": False}
    options = ("--defaultMemory=1G", "--defaultDisk=1G", "--defaultCores=1", "--defaultPreemptible")
    given = probe.run("asks", asked, *options).result
    expected = {"memory": 10_000_000, "disk": 20_000_000, "cores": 0.5, "preemptible": False, "accelerators": []}
    assert given == expected


def test_default_accelerators_are_asked_for(probe: Probe) -> None:
    done = probe.run("needs", None, "--defaultAccelerators", "nvidia-tesla-k80:99")
    assert done.status != 0
    assert "99 x nvidia-tesla-k80" in done.err


@pytest.mark.parametrize(
    ("option", "asked", "words"),
    [
        ("--maxCores=0.5", {"cores": 1}, "--maxCores"),
        ("--maxMemory=10M", {"memory": "11M", "cores": 0.1}, "--maxMemory"),
        ("--maxDisk=10M", {"disk": "11M", "cores": 0.1, "memory": "1M"}, "--maxDisk"),
    ],
)
def test_a_job_that_asks_for_more_than_the_maximum_is_refused_with_the_option_to_raise(
    probe: Probe, option: str, asked: dict[str, Any], words: str
) -> None:
    small = ("--defaultMemory=1M", "--defaultDisk=1M", "--defaultCores=0.1")
    done = probe.run("asks", asked, option, *small)
    assert done.status != 0
    assert f"Raise {words}" in done.err
    assert probe.run("asks", asked, *small, "--restart").status == 0


@pytest.mark.parametrize(
    ("option", "requirement"),
    [("--maxCores=0.2", {"cores": 0.1}), ("--maxMemory=20M", {"memory": "10M"}), ("--maxDisk=20M", {"disk": "10M"})],
)
def test_no_more_jobs_run_at_once_than_the_maximum_has_room_for(
    probe: Probe, option: str, requirement: dict[str, Any]
) -> None:
    small = ("--defaultMemory=1M", "--defaultDisk=1M", "--defaultCores=0.05")
    together = {**SMALL, **requirement, "count": 3}
    assert (
        probe.run("meets", together, *small, option, "--clean=always", variables={"GIVE_UP": "0.5"}).result
        == [False] * 3
    )


def test_without_a_maximum_jobs_run_at_once_as_the_machine_has_room(probe: Probe) -> None:
    assert probe.run("meets", {**SMALL, "count": 3}).result == [True] * 3


@pytest.mark.parametrize(("scale", "fits"), [("1", False), ("0.5", True)])
def test_scale_makes_room_for_jobs_that_ask_for_more_cores_than_there_are(probe: Probe, scale: str, fits: bool) -> None:
    done = probe.run("asks", {"cores": 2 * CORES}, "--scale", scale)
    assert (done.status == 0) is fits
    assert ("--scale" in done.err) is not fits


def test_scale_above_one_lets_fewer_jobs_run_at_once(probe: Probe) -> None:
    together = {**SMALL, "cores": CORES / 4, "count": 4}
    assert probe.run("meets", together, "--scale", "2", variables={"GIVE_UP": "0.5"}).result == [False] * 4
