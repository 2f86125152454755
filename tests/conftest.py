"""No test sees the settings of Toil that the person who runs them has made; real services are there for all tests."""

from __future__ import annotations

import os
import signal

import pytest

from tests.services.running import grid_engine, htcondor, podman, slurm, slurm_without_accounting, torque

__all__ = ["grid_engine", "htcondor", "podman", "slurm", "slurm_without_accounting", "torque"]


def pytest_configure(config: pytest.Config) -> None:
    """Take the variables of Toil out of the environment, for the tests and for what they start."""
    for name in [name for name in os.environ if name.startswith("TOIL_")]:
        del os.environ[name]
    # A shell ignores these for what it runs in the background, and so would all that tests start and then interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # Nor do the runs of tests show among theirs.
    os.environ["TOIL_HISTORY"] = "false"
