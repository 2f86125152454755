"""What is asked of qsub."""

from __future__ import annotations

import pytest
from toil_plugin_gridengine.plugin import OPTIONS
from toil_plugin_gridengine.scheduler import GridEngine, ManualMemoryError

from toil_core.api import Allocation, Config, Runner, Submission


def arguments(size: int = 1, cores: int = 4, wall_time: float = 0.0, **settings: object) -> list[str]:
    config = Config()
    vars(config).update({option.name: option.default for option in OPTIONS}, **settings)
    allocation = Allocation(cores, 3 << 30, 0)
    submission = Submission("toil-1", "one", size, allocation, wall_time, "script", {}, "job", "/shared", "/shared")
    return list(GridEngine(config, Runner("Grid Engine")).submit_command(submission).arguments)


def test_memory_is_asked_for_by_slot_and_cores_in_the_parallel_environment() -> None:
    asked = arguments(gridenginePe="smp")
    assert asked[asked.index("-pe") + 1 : asked.index("-pe") + 3] == ["smp", "4"]
    assert asked[asked.index("-l") + 1] == "vf=768M,h_vmem=768M"


def test_arrays_and_time_are_asked_for_and_files_are_named_as_documented() -> None:
    asked = arguments(size=5, cores=1, wall_time=3661)
    assert asked[asked.index("-t") + 1] == "1-5"
    assert asked[asked.index("-l") + 1].endswith(",h_rt=1:01:01")
    assert asked[asked.index("-e") + 1] == "/shared/toil_job_job_batch_grid_engine_$JOB_ID.$TASK_ID_std_error.log"


def test_arguments_of_the_user_come_last() -> None:
    assert arguments(cores=1, gridengineArgs="-q batch.q -P 'my lab'")[-4:] == ["-q", "batch.q", "-P", "my lab"]


def test_manual_mem_args_leaves_memory_to_the_user() -> None:
    asked = arguments(cores=1, manualMemArgs=True, gridengineArgs="-l mem_free=4G")
    assert asked[-2:] == ["-l", "mem_free=4G"]
    assert asked.count("-l") == 1


def test_manual_mem_args_wants_to_know_what_to_ask_for() -> None:
    with pytest.raises(ManualMemoryError, match="TOIL_GRIDENGINE_ARGS has to say"):
        arguments(cores=1, manualMemArgs=True)
