"""What the standards ask of a runner, by small documents of this project."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cwl_runs import Runs

Content = Callable[[Any], str]


def test_the_example_of_the_manual_writes_its_output_file(cwl: Runs) -> None:
    outputs = cwl.outputs("example.cwl", message="Hello world!")
    assert (cwl.directory / "output.txt").read_text() == "Hello world!\n"
    assert outputs["output"]["location"] == (cwl.directory / "output.txt").as_uri()
    assert outputs["output"]["checksum"] == "sha1$47a013e660d408619d894b20806b1d5086aab03b"


def test_steps_are_scattered_in_every_way(cwl: Runs, content: Content) -> None:
    outputs = cwl.outputs("scatters.cwl", letters=["a", "b"], digits=["1", "2"])
    assert outputs["dot"] == ["a1", "b2"]
    assert outputs["flat"] == ["a1", "a2", "b1", "b2"]
    assert outputs["nested"] == [["a1", "a2"], ["b1", "b2"]]
    assert outputs["each"] == ["a1!", "b2!"]
    assert outputs["shout"] == ["A", "B"]
    assert [content(one) for one in outputs["files"]] == ["A\n", "B\n"]
    assert [one["basename"] for one in outputs["files"]] == ["output.txt", "output.txt_2"]


def test_nothing_is_scattered_to_nothing(cwl: Runs) -> None:
    outputs = cwl.outputs("scatters.cwl", letters=[], digits=[])
    assert outputs == {"dot": [], "flat": [], "nested": [], "each": [], "shout": [], "files": []}


@pytest.mark.parametrize("wanted", [True, False])
def test_steps_run_on_conditions_and_values_are_picked(cwl: Runs, wanted: bool) -> None:
    outputs = cwl.outputs("conditions.cwl", wanted=wanted, letters=["a", "b", "c"])
    assert outputs["chosen"] == ("maybe" if wanted else "always")
    assert outputs["maybe"] == ("maybe" if wanted else None)
    assert (outputs["file"] is not None) == wanted
    assert outputs["some"] == ["a", "c"]
    assert outputs["merged"] == ["a", "b", "c", "a", "c"]


def test_files_directories_and_literals_go_from_step_to_step(cwl: Runs, content: Content) -> None:
    cwl.write("in/table.txt", "rows\n")
    cwl.write("in/table.txt.idx", "index\n")
    cwl.write("in/tree/leaf.txt", "leaf\n")
    outputs = cwl.outputs(
        "files.cwl",
        "--outdir",
        "results",
        table={"class": "File", "path": "in/table.txt"},
        tree={"class": "Directory", "path": "in/tree"},
    )
    assert content(outputs["index"]) == "rows\nindex\n"
    assert outputs["passed"]["basename"] == "table.txt"
    assert [one["basename"] for one in outputs["passed"]["secondaryFiles"]] == ["table.txt.idx"]
    assert outputs["listed"] == ["empty", "leaf.txt", "note.txt"]
    assert content(outputs["written"]) == "empty leaf.txt note.txt"
    grown = cwl.directory / "results" / "grown"
    assert (grown / "note.txt").read_text() == "noted: index.txt"
    assert (grown / "leaf.txt").read_text() == "leaf\n"
    assert (grown / "empty").is_dir()
    assert (cwl.directory / "in" / "table.txt").read_text() == "rows\n"


def test_needs_that_depend_on_inputs_are_those_of_the_job(cwl: Runs, content: Content) -> None:
    cwl.write("twenty.txt", "x" * 20)
    outputs = cwl.outputs("needs.cwl", file={"class": "File", "path": "twenty.txt"})
    assert content(outputs["told"]) == "1 120 7 5\n"


def test_a_job_that_needs_more_than_there_is_fails_with_its_needs(cwl: Runs) -> None:
    cwl.write("large.txt", "x" * 300)
    given = cwl.write("inputs.json", json.dumps({"file": {"class": "File", "path": "large.txt"}}))
    document = Path(__file__).parent / "documents" / "needs.cwl"
    outcome = cwl.run("--maxMemory", "300Mi", str(document), str(given))
    assert outcome.status != 0, str(outcome)
    assert "400.0 MiB of memory" in outcome.stderr
    assert "tell" in outcome.stderr


def test_processes_of_a_packed_document_are_chosen_by_name(cwl: Runs) -> None:
    assert cwl.outputs("packed.cwl", text="quiet") == {"loud": "QUIET"}
    assert cwl.outputs("packed.cwl#shout", text="quiet") == {"loud": "QUIET"}


def test_documents_of_several_versions_go_together(cwl: Runs) -> None:
    cwl.write(
        "mixed.cwl",
        "cwlVersion: v1.2\nclass: Workflow\ninputs: {}\noutputs:\n  out: {type: File, outputSource: old/out}\n"
        "steps:\n  old:\n    run: old.cwl\n    in: {}\n    out: [out]\n",
    )
    cwl.write(
        "old.cwl",
        "cwlVersion: v1.1\nclass: CommandLineTool\nbaseCommand: [echo, old]\ninputs: []\nstdout: old.txt\n"
        "outputs:\n  out: stdout\n",
    )
    assert cwl.outputs("mixed.cwl")["out"]["basename"] == "old.txt"


def test_parameter_references_need_no_javascript(cwl: Runs) -> None:
    tools = cwl.directory / "bin"
    tools.mkdir()
    for name in ("echo", "sh"):
        (tools / name).symlink_to(shutil.which(name) or "")
    cwl.write(
        "refers.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: echo\narguments: [$(inputs.whom.name)]\n"
        "inputs:\n  whom:\n    type: {type: record, fields: [{name: name, type: string}]}\n"
        "stdout: $(inputs.whom.name).txt\noutputs:\n  out: stdout\n",
    )
    given = cwl.write("inputs.json", json.dumps({"whom": {"name": "nobody"}}))
    outcome = cwl.run("refers.cwl", str(given), variables={"PATH": str(tools)})
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "nobody.txt").read_text() == "nobody\n"


def test_files_are_changed_in_place_where_a_tool_requires_that(cwl: Runs, content: Content) -> None:
    outputs = cwl.outputs("in_place.cwl")
    assert content(outputs["after"]) == "one\ntwo\n"


def test_a_tool_that_takes_too_long_is_stopped(cwl: Runs) -> None:
    cwl.write(
        "slow.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nrequirements: {ToolTimeLimit: {timelimit: 1}}\n"
        "baseCommand: [sleep, '60']\ninputs: []\noutputs: []\n",
    )
    outcome = cwl.run("slow.cwl")
    assert outcome.status == 1, str(outcome)
    assert "slow.cwl" in outcome.stderr


def test_inputs_come_from_the_web_and_may_be_imported_by_jobs(cwl: Runs, content: Content) -> None:
    cwl.write("served/far.txt", "from afar\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(cwl.directory / "served"))
    document = cwl.write(
        "shows.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: cat\nstdout: shown.txt\n"
        "inputs:\n  file: {type: File, streamable: true, inputBinding: {}}\noutputs:\n  out: stdout\n",
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        file = {"class": "File", "location": f"http://127.0.0.1:{server.server_port}/far.txt"}
        here = cwl.outputs(str(document), file=file)
        on_workers = cwl.outputs(str(document), "--runImportsOnWorkers", "--outdir", "more", file=file)
        server.shutdown()
    assert content(here["out"]) == content(on_workers["out"]) == "from afar\n"
