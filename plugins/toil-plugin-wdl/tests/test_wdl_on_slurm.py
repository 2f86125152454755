"""The same cases pass where tasks run through a scheduler, on workers that read the documents from the job store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from running_wdl import check_example
from test_wdl_cases import own_examples
from wdl_examples import write_examples

from tests.services.running import simulated

_CASES = ("sections", "subworkflows", "files_through", "directories", "entangled", "dynamic_needs", "breaks_fail_task")


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """The variables to use a simulated Slurm with."""
    with simulated("slurm") as variables:
        yield variables


@pytest.mark.parametrize("name", _CASES)
def test_a_case_has_its_outputs_through_a_scheduler(
    name: str, tmp_path: Path, cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in cluster.items():
        monkeypatch.setenv(variable, value)
    data = Path(__file__).parent / "data"
    work = tmp_path / "work"
    work.mkdir()
    write_examples(own_examples(), data, work)
    example = next(one for one in own_examples() if one.name == name)
    check_example(example, work, data, "--batchSystem", "slurm", "--jobStore", f"file:{tmp_path}/store")
