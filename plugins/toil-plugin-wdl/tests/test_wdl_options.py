"""What can be asked of a run of WDL besides the workflow itself: where inputs come from and outputs go, and how."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from running_wdl import outputs_of, run_wdl

COPY = """
version 1.0
task copy {
  input {
    File f
    String name = "copy.txt"
  }
  command <<<
    cp ~{f} ~{name}
    echo copied
  >>>
  output {
    File out = name
    String said = read_string(stdout())
  }
}
workflow copies {
  input {
    File f
  }
  call copy as one { input: f = f }
  scatter (i in range(2)) {
    call copy as more { input: f = one.out }
  }
  output {
    Array[File] all = flatten([[one.out], more.out])
  }
}
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory with a workflow and a file for it."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "copies.wdl").write_text(COPY)
    (work / "in.txt").write_text("content\n")
    return work


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url(directory: Path) -> Iterator[str]:
    """The URL at which the directory is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_outputs_are_written_to_the_current_directory_under_names_that_differ(directory: Path) -> None:
    outputs = outputs_of(run_wdl(directory, "copies.wdl", {"copies.f": "in.txt"}))
    paths = [Path(path) for path in outputs["copies.all"]]
    assert [path.name for path in paths] == ["copy.txt", "copy.txt_2", "copy.txt_3"]
    assert {path.parent for path in paths} == {directory}
    assert {path.read_text() for path in paths} == {"content\n"}


@pytest.mark.parametrize("spelling", ["-o", "--outdir", "--outputDirectory"])
def test_outputs_are_written_where_the_user_says(directory: Path, spelling: str) -> None:
    outputs = outputs_of(run_wdl(directory, "copies.wdl", {"copies.f": "in.txt"}, spelling, "results/new"))
    assert Path(outputs["copies.all"][0]) == directory / "results" / "new" / "copy.txt"


def test_outputs_can_go_to_a_url(directory: Path) -> None:
    outputs = outputs_of(run_wdl(directory, "copies.wdl", {"copies.f": "in.txt"}, "-o", f"file://{directory}/there"))
    assert (directory / "there" / "copy.txt").read_text() == "content\n"
    assert outputs["copies.all"][0].endswith("/there/copy.txt")


def test_inputs_come_from_a_file_and_are_found_beside_it(directory: Path) -> None:
    (directory / "inputs").mkdir()
    (directory / "inputs" / "there.txt").write_text("beside\n")
    (directory / "inputs" / "in.json").write_text('{"copies.f": "there.txt", "## note": "ignored"}')
    outputs = outputs_of(run_wdl(directory, "copies.wdl", "inputs/in.json"))
    assert Path(outputs["copies.all"][0]).read_text() == "beside\n"


def test_documents_inputs_and_files_come_from_urls(directory: Path, url: str) -> None:
    (directory / "in.json").write_text('{"outer.f": "in.txt"}')
    (directory / "sub").mkdir()
    (directory / "sub" / "outer.wdl").write_text(
        'version 1.0\nimport "../copies.wdl" as other\n'
        "workflow outer {\n  input {\n    File f\n  }\n  call other.copies { input: f = f }\n"
        "  output {\n    File last = copies.all[2]\n  }\n}\n"
    )
    elsewhere = directory.parent / "elsewhere"
    elsewhere.mkdir()
    outputs = outputs_of(run_wdl(elsewhere, f"{url}/sub/outer.wdl", f"{url}/in.json"))
    assert Path(outputs["outer.last"]).read_text() == "content\n"


def test_workers_import_remote_files_where_that_is_wanted(directory: Path, url: str) -> None:
    inputs = {"copies.f": f"{url}/in.txt"}
    outputs = outputs_of(run_wdl(directory, "copies.wdl", inputs, "--runImportsOnWorkers"))
    assert Path(outputs["copies.all"][2]).read_text() == "content\n"
    alone = run_wdl(directory, "copies.wdl", {"copy.f": f"{url}/in.txt"}, "--task", "copy", "--runImportsOnWorkers")
    assert outputs_of(alone)["copy.said"] == "copied"


def test_the_output_json_has_the_form_that_is_asked_for(directory: Path) -> None:
    options = ("--outputDialect", "miniwdl", "--outputFile", "out.json", "-o", "results")
    outcome = run_wdl(directory, "copies.wdl", {"copies.f": "in.txt"}, *options)
    assert outcome.stdout == ""
    found = json.loads((directory / "out.json").read_text())
    assert found["dir"] == str(directory / "results")
    assert len(found["outputs"]["copies.all"]) == 3


def test_the_outputs_of_all_calls_can_be_had(directory: Path) -> None:
    outputs = outputs_of(run_wdl(directory, "copies.wdl", {"copies.f": "in.txt"}, "--allCallOutputs"))
    assert outputs["copies.one.said"] == "copied"
    assert outputs["copies.more.said"] == ["copied", "copied"]
    assert outputs["copies.one.out"] == outputs["copies.all"][0]


def test_one_task_of_a_document_can_be_run(directory: Path) -> None:
    outcome = run_wdl(directory, "copies.wdl", {"copy.f": "in.txt", "copy.name": "other.txt"}, "--task", "copy")
    assert Path(outputs_of(outcome)["copy.out"]) == directory / "other.txt"


def test_developers_see_what_was_understood(directory: Path) -> None:
    run_wdl(directory, "copies.wdl", {"copies.f": "in.txt"}, "--dev_mode")
    assert "Scatter" in (directory / "AST.out").read_text()
    mappings = json.loads((directory / "mappings.out").read_text())
    assert mappings["tasks"]["copies.wdl#copy"]["outputs"]["out"] == "File"
    assert mappings["workflows"]["copies.wdl#copies"]["calls"]["more"]["callee"] == "copy"


def test_questionable_code_is_refused_where_that_is_wanted(directory: Path) -> None:
    (directory / "odd.wdl").write_text(
        "version 1.0\nworkflow odd {\n  input {\n    Int n = 1\n  }\n  String unused = n\n"
        "  output {\n    Int m = n\n  }\n}\n"
    )
    run_wdl(directory, "odd.wdl")
    refused = run_wdl(directory, "odd.wdl", None, "--strict", status=2)
    assert "questionable" in refused.stderr and "odd.wdl:6:" in refused.stderr


def test_toils_options_may_stand_anywhere(directory: Path) -> None:
    run_wdl(
        directory, "--logDebug", None, "copies.wdl", '{"copies.f": "in.txt"}', "--maxCores", "1", "--clean", "always"
    )
    assert (directory / "copy.txt").exists()
