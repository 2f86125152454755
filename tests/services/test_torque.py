"""The commands of Torque that tests use submit, show and delete jobs the way a plugin for Torque relies on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.services.jobs import once, output, run


def submit(torque: Mapping[str, str], directory: Path, command: str, *options: str) -> str:
    script = directory / "script"
    script.write_text(f"#!/bin/sh\n{command}\n")
    words = ["qsub", "-V", "-N", "test", "-o", "log", "-j", "oe", *options, str(script)]
    return output(torque, *words, directory=directory)


def shown(torque: Mapping[str, str], job: str) -> dict[str, str]:
    lines = output(torque, "qstat", "-f", job).splitlines()
    pairs = [line.split(" = ", 1) for line in lines if " = " in line]
    return {key.strip(): value for key, value in pairs}


def complete(torque: Mapping[str, str], job: str) -> dict[str, str]:
    return once(lambda: shown(torque, job), lambda values: values.get("job_state") in {"C", "E"})


def test_a_job_that_exits_3_is_complete_and_its_status_is_not_told(torque: dict[str, str], tmp_path: Path) -> None:
    job = submit(torque, tmp_path, "echo said; exit 3")
    values = complete(torque, job)
    assert values["job_state"] == "C"
    assert "exit_status" not in values
    assert (tmp_path / "log").read_text() == "said\n"


def test_resources_in_one_list_are_given_as_asked(torque: dict[str, str], tmp_path: Path) -> None:
    job = submit(torque, tmp_path, "true", "-l", "nodes=1:ppn=3,mem=300mb,walltime=00:07:00")
    values = complete(torque, job)
    assert (values["Resource_List.ncpus"], values["Resource_List.walltime"]) == ("3", "00:07:00")
    assert "mem=300M" in output(torque, "scontrol", "--oneliner", "show", "job", job)


def test_each_task_of_an_array_is_shown(torque: dict[str, str], tmp_path: Path) -> None:
    job = submit(torque, tmp_path, "touch ran-$SLURM_ARRAY_TASK_ID", "-t", "0-2")
    once(lambda: sorted(path.name for path in tmp_path.glob("ran-*")), lambda names: len(names) == 3)
    assert complete(torque, job)["job_state"] == "C"


def test_a_job_has_the_environment_of_who_submitted_it(torque: dict[str, str], tmp_path: Path) -> None:
    value = "a b,c=d 'e'"
    job = submit({**torque, "ODD": value}, tmp_path, 'printf %s "$ODD"; [ -z "$PBS_JOBID" ] || echo PBS_JOBID')
    complete(torque, job)
    assert (tmp_path / "log").read_text() == value


def test_what_cannot_run_is_refused(torque: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    refused = run(torque, "qsub", "-l", "nodes=1:ppn=9", "script", directory=tmp_path)
    assert refused.returncode == 1
    assert "Requested node configuration is not available" in refused.stdout


def test_a_deleted_job_ends(torque: dict[str, str], tmp_path: Path) -> None:
    job = submit(torque, tmp_path, "sleep 300")
    once(lambda: shown(torque, job)["job_state"], lambda state: state == "R")
    output(torque, "qdel", job)
    values = complete(torque, job)
    assert values["job_state"] in {"C", "E"}


def test_a_job_that_never_was_is_said_to_be_unknown(torque: dict[str, str]) -> None:
    assert run(torque, "qstat", "-f", "999999").returncode == 153


def test_nodes_are_shown_with_their_cores(torque: dict[str, str]) -> None:
    lines = [line.strip() for line in output(torque, "pbsnodes").splitlines()]
    assert lines.count("np = 8") == 3
