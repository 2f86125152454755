"""The tests of plugins have the settings and the real services that the project's other tests have."""

from __future__ import annotations

from tests.conftest import grid_engine, htcondor, podman, pytest_configure, slurm, slurm_without_accounting, torque

__all__ = ["grid_engine", "htcondor", "podman", "pytest_configure", "slurm", "slurm_without_accounting", "torque"]
