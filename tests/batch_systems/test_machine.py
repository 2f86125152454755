"""What this machine is said to have."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from toil_core.batch_systems import machine


def test_the_machine_has_what_the_system_says(tmp_path: Path) -> None:
    amount = machine.machine_amount(str(tmp_path))
    assert 1 <= amount.cores <= (os.cpu_count() or 1)
    assert 0 < amount.memory <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert amount.disk > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="control groups are Linux's")
def test_limits_of_control_groups_and_of_those_above_them_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    for _, controllers, _ in groups:
        root = tmp_path if not controllers else tmp_path / controllers.split(",")[0]
        root.mkdir(exist_ok=True)
    unified = any(not controllers for _, controllers, _ in groups)
    if unified:
        (tmp_path / "memory.max").write_text("1000000\n")
        (tmp_path / "cpu.max").write_text("50000 100000\n")
    else:
        (tmp_path / "memory" / "memory.limit_in_bytes").write_text("1000000\n")
        (tmp_path / "cpu").mkdir(exist_ok=True)
        (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("50000\n")
        (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    monkeypatch.setattr(machine, "_CGROUP", str(tmp_path))
    assert machine.usable_memory() == 1000000
    assert machine.usable_cores() == 1


def test_gpus_are_those_that_the_driver_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '0, GPU-aa, NVIDIA A100'\necho '1, GPU-bb, Tesla K80'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert [(gpu.name, gpu.model) for gpu in machine.find_devices()] == [("0", "NVIDIA A100"), ("1", "Tesla K80")]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-bb")
    assert [(gpu.name, gpu.model) for gpu in machine.find_devices()] == [("GPU-bb", "Tesla K80")]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert machine.find_devices() == []


def test_a_machine_without_a_driver_has_no_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert machine.find_devices() == []
