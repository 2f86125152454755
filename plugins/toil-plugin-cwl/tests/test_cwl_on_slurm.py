"""Workflows through a scheduler: tools on its workers, which have only the job store, all else beside the leader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cwl_runs import DOCUMENTS, Runs

from tests.services.running import simulated


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """The variables to use a simulated Slurm with."""
    with simulated("slurm") as variables:
        yield variables


@pytest.fixture
def on_slurm(cwl: Runs, cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Return what runs documents, in an environment where Slurm is."""
    for name, value in cluster.items():
        monkeypatch.setenv(name, value)
    return cwl


def options(run: Runs, *more: str) -> list[str]:
    """Return the options of a run on Slurm."""
    return ["--batchSystem", "slurm", "--jobStore", f"file:{run.directory}/store", *more]


@pytest.mark.parametrize(
    ("document", "inputs", "expected"),
    [
        ("scatters.cwl", {"letters": ["a", "b"], "digits": ["1", "2"]}, {"flat": ["a1", "a2", "b1", "b2"]}),
        ("conditions.cwl", {"wanted": True, "letters": ["a", "b"]}, {"chosen": "maybe", "some": ["a"]}),
    ],
)
@pytest.mark.parametrize("caching", ["true", "false"])
def test_workflows_have_the_same_outputs_through_a_scheduler(
    on_slurm: Runs, document: str, inputs: dict[str, Any], expected: dict[str, Any], caching: str
) -> None:
    outputs = on_slurm.outputs(document, *options(on_slurm, "--caching", caching), **inputs)
    assert {name: outputs[name] for name in expected} == expected


def test_only_tools_are_handed_to_the_scheduler(on_slurm: Runs) -> None:
    chosen = options(on_slurm, "--logDebug", "--logFile", "log")
    outputs = on_slurm.outputs("scatters.cwl", *chosen, letters=["a", "b"], digits=["1", "2"])
    assert len(outputs["files"]) == 2
    kinds = set(re.findall(r"\b(CWL\w+)", (on_slurm.directory / "log").read_text()))
    assert "CWLJob" in kinds


def test_files_cannot_be_changed_in_place_where_workers_may_not_share_them(on_slurm: Runs) -> None:
    document = str(DOCUMENTS / "in_place.cwl")
    outcome = on_slurm.run(*options(on_slurm), document)
    assert outcome.status == 33, str(outcome)
    assert "--bypass-file-store" in outcome.stderr
