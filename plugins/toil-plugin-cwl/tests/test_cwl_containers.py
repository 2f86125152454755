"""Tools that name a container run in it, with podman, and without where that is wished."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from cwl_runs import Runs

from tests.services.running import podman

__all__ = ["podman"]

CONTAINED = """\
cwlVersion: v1.2
class: CommandLineTool
KIND:
  DockerRequirement: {dockerPull: localhost/busybox}
  NetworkAccess: {networkAccess: true}
  InitialWorkDirRequirement:
    listing: [{entryname: prepared.txt, entry: ready}]
baseCommand: [sh, -c]
arguments: ['ls / > root.txt; cat "$0" "$1"/leaf.txt prepared.txt; touch made', $(inputs.file), $(inputs.tree)]
inputs: {file: File, tree: Directory}
stdout: said.txt
outputs:
  said: stdout
  root: {type: File, outputBinding: {glob: root.txt}}
  made: {type: File, outputBinding: {glob: made}}
"""


@pytest.mark.parametrize("options", [(), ("--strict-memory-limit",)])
def test_tools_run_in_podman(cwl: Runs, podman: Mapping[str, str], options: tuple[str, ...]) -> None:
    cwl.write("in/a.txt", "a file\n")
    cwl.write("in/tree/leaf.txt", "a leaf\n")
    cwl.write("contained.cwl", CONTAINED.replace("KIND", "requirements"))
    job = {"file": {"class": "File", "path": "in/a.txt"}, "tree": {"class": "Directory", "path": "in/tree"}}
    given = cwl.write("job.json", json.dumps(job))
    outcome = cwl.run("--podman", *options, "contained.cwl", str(given), variables=podman)
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "said.txt").read_text() == "a file\na leaf\nready"
    assert "usr" not in (cwl.directory / "root.txt").read_text().split(), "it did not run in the image"


def test_tools_that_only_suggest_a_container_run_without(cwl: Runs) -> None:
    cwl.write("a.txt", "bare\n")
    cwl.write("tree/leaf.txt", "")
    cwl.write("suggests.cwl", CONTAINED.replace("KIND", "hints"))
    job = {"file": {"class": "File", "path": "a.txt"}, "tree": {"class": "Directory", "path": "tree"}}
    given = cwl.write("job.json", json.dumps(job))
    outcome = cwl.run("--no-container", "suggests.cwl", str(given))
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "said.txt").read_text() == "bare\nready"
