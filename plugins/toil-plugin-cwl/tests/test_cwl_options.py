"""Each option of CWL has the effect that its help tells."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from cwl_runs import Runs
from toil_plugin_cwl import contexts
from toil_plugin_cwl.options import OPTIONS

DEFAULTS: dict[str, Any] = {one.name: one.default for one in OPTIONS if not one.sets}
CONTAINED = """\
cwlVersion: v1.2
class: CommandLineTool
requirements:
  ResourceRequirement: {ramMin: 100, coresMin: 1}
hints:
  DockerRequirement: {dockerPull: some/image}
baseCommand: [echo, hello]
inputs: []
outputs: []
"""


def options(**settings: Any) -> Namespace:
    """Return options at their defaults, but for some."""
    return Namespace(**{**DEFAULTS, "logLevel": "INFO", **settings})


def test_every_option_is_used_by_tests() -> None:
    text = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [one.name for one in OPTIONS if not any(word in text for word in (one.name, *one.spellings))] == []


@pytest.mark.parametrize(
    ("setting", "attribute", "value"),
    [
        ({"enableDev": True}, "enable_dev", True),
        ({"nonStrict": True}, "strict", False),
        ({"skipSchemas": True}, "skip_schemas", True),
        ({"noDocCache": True}, "doc_cache", False),
        ({"disableJsValidation": True}, "disable_js_validation", True),
        ({"evalTimeout": 3.0}, "eval_timeout", 3.0),
        ({"cwlContainer": "singularity"}, "singularity", True),
    ],
)
def test_options_change_how_documents_are_loaded(setting: dict[str, Any], attribute: str, value: Any) -> None:
    assert getattr(contexts.loading_context(options()), attribute) != value
    assert getattr(contexts.loading_context(options(**setting)), attribute) == value


@pytest.mark.parametrize(
    ("setting", "attribute", "value"),
    [
        ({"jsConsole": True}, "js_console", True),
        ({"cwlContainer": "udocker"}, "user_space_docker_cmd", "udocker"),
        ({"userSpaceDockerCmd": "dx-docker"}, "user_space_docker_cmd", "dx-docker"),
        ({"disablePull": True}, "pull_image", False),
        ({"forceDockerPull": True}, "force_docker_pull", True),
        ({"preserveEntireEnvironment": True}, "preserve_entire_environment", True),
    ],
)
def test_options_change_how_tools_are_run(setting: dict[str, Any], attribute: str, value: Any) -> None:
    assert getattr(contexts.runtime_context(options()), attribute) != value
    assert getattr(contexts.runtime_context(options(**setting)), attribute) == value


@pytest.fixture
def docker(cwl: Runs) -> dict[str, str]:
    """Return an environment with a `docker` and a `singularity` that only note what they are told to do."""
    tools = cwl.directory / "bin"
    for name in ("docker", "singularity", "udocker"):
        program = cwl.write(
            f"bin/{name}", '#!/bin/sh\necho "$(basename "$0") $@" >> "$NOTES"\ntest "$1" != inspect || echo []\n'
        )
        program.chmod(0o755)
    return {"PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin", "NOTES": str(cwl.directory / "notes")}


def docker_call(cwl: Runs, docker: dict[str, str], *given: str, document: str = CONTAINED) -> str:
    """Run a tool in what passes for a container, and return the call."""
    cwl.write("contained.cwl", document)
    outcome = cwl.run(*given, "contained.cwl", variables=docker)
    assert outcome.status == 0, str(outcome)
    calls = (cwl.directory / "notes").read_text().splitlines()
    return next(call for call in calls if " run " in call or " exec " in call)


def test_containers_are_run_as_options_say(cwl: Runs, docker: dict[str, str]) -> None:
    plain = docker_call(cwl, docker)
    assert all(word in plain for word in ("some/image echo hello", "--user=", "--read-only", "--net=none", "--rm"))
    (cwl.directory / "notes").unlink()
    flags = ("--no-match-user", "--no-read-only", "--leave-container", "--strict-memory-limit", "--strict-cpu-limit")
    network = CONTAINED.replace("requirements:\n", "requirements:\n  NetworkAccess: {networkAccess: true}\n")
    changed = docker_call(cwl, docker, *flags, "--custom-net", "mine", document=network)
    assert not any(word in changed for word in ("--user=", "--read-only", "--rm"))
    assert all(word in changed for word in ("--net=mine", "--memory=100m", "--cpus=1"))


def test_a_tool_that_names_no_container_gets_the_default_one(cwl: Runs, docker: dict[str, str]) -> None:
    bare = "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [echo, hello]\ninputs: []\noutputs: []\n"
    assert "our/image echo hello" in docker_call(cwl, docker, "--default-container", "our/image", document=bare)


def test_udocker_and_others_stand_in_for_docker(cwl: Runs, docker: dict[str, str]) -> None:
    assert docker_call(cwl, docker, "--udocker").startswith("udocker --quiet run")


def test_mpi_programs_are_started_as_the_file_says(cwl: Runs) -> None:
    program = cwl.write("bin/launch", '#!/bin/sh\necho "launched $1 $2 of $3"\n')
    program.chmod(0o755)
    cwl.write("mpi.yml", f"runner: {program}\nnproc_flag: -count\n")
    cwl.write(
        "parallel.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\n$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}\n"
        "requirements:\n  cwltool:MPIRequirement: {processes: 2}\nbaseCommand: program\ninputs: []\n"
        "stdout: said.txt\noutputs: {out: stdout}\n",
    )
    outcome = cwl.run("--enable-ext", "--mpi-config-file", "mpi.yml", "parallel.cwl")
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "said.txt").read_text() == "launched -count 2 of program\n"
    assert cwl.run("parallel.cwl").status != 0, "extensions are accepted without --enable-ext"


def test_unusual_file_names_are_accepted_on_request(cwl: Runs) -> None:
    cwl.write("one #2.txt", "odd\n")
    cwl.write(
        "shows.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: cat\nstdout: shown.txt\n"
        "inputs:\n  file: {type: File, inputBinding: {}}\noutputs:\n  out: stdout\n",
    )
    given = cwl.write("job.json", json.dumps({"file": {"class": "File", "location": "one%20%232.txt"}}))
    assert "illegal characters" in cwl.run("shows.cwl", str(given)).stderr
    outcome = cwl.run("--relax-path-checks", "--disable-streaming", "shows.cwl", str(given))
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "shown.txt").read_text() == "odd\n"


def test_directories_and_checksums_are_as_options_say(cwl: Runs) -> None:
    cwl.write(
        "where.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [sh, -c, 'echo $0 $1']\n"
        "arguments: [$(runtime.tmpdir), $(runtime.outdir)]\ninputs: []\nstdout: where.txt\noutputs: {out: stdout}\n",
    )
    prefixes = ("--tmpdir-prefix", "t/scratch", "--tmp-outdir-prefix", "t/out")
    outputs = cwl.outputs("where.cwl", *prefixes, "--no-compute-checksum")
    assert "checksum" not in outputs["out"]
    scratch, out = (cwl.directory / "where.txt").read_text().split()
    assert scratch.startswith(str(cwl.directory / "t" / "scratch"))
    assert out.startswith(str(cwl.directory / "t" / "out"))


def test_software_is_resolved_only_where_the_library_for_it_is_installed(cwl: Runs) -> None:
    cwl.write("contained.cwl", CONTAINED)
    ways = (
        ("--beta-conda-dependencies", "--beta-dependencies-directory", "deps"),
        ("--beta-dependency-resolvers-configuration", "resolvers.yml"),
    )
    for way in ways:
        outcome = cwl.run("--no-container", *way, "contained.cwl")
        assert outcome.status == 33, str(outcome)
        assert "cwltool[deps]" in outcome.stderr


def test_one_chooses_how_much_is_said(cwl: Runs) -> None:
    cwl.write("contained.cwl", CONTAINED)
    said = {
        flag: cwl.run("--no-container", flag, "contained.cwl").stderr
        for flag in ("--quiet", "--no-warnings", "--debug", "--runCwlInternalJobsOnWorkers")
    }
    assert said["--quiet"] == said["--no-warnings"] == ""
    assert "echo" in said["--debug"]
    assert "--runCwlInternalJobsOnWorkers" not in said["--runCwlInternalJobsOnWorkers"]
