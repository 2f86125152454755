"""How runs of CWL documents are started, steered, continued and looked at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cwl_runs import Runs

from toil_core.testing.commands import environment_in, toil

Content = Callable[[Any], str]
EXAMPLE = str(Path(__file__).parent / "documents" / "example.cwl")

COUNTING = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'echo ran >> "$0"; cat "$1"']
arguments: [$(inputs.log), $(inputs.file)]
inputs: {log: string, file: File}
stdout: copy.txt
outputs: {copy: stdout}
"""


# How inputs are given


def test_inputs_are_given_as_options_after_the_document(cwl: Runs) -> None:
    outcome = cwl.run(EXAMPLE, "--message", "typed")
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "output.txt").read_text() == "typed\n"


def test_an_input_object_may_name_its_document_and_options(cwl: Runs) -> None:
    cwl.write("job.yml", f"cwl:tool: {EXAMPLE}\nmessage: from the object\n")
    outcome = cwl.run("job.yml")
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "output.txt").read_text() == "from the object\n"


def test_paths_in_an_input_object_may_start_elsewhere(cwl: Runs, content: Content) -> None:
    cwl.write("data/a.txt", "elsewhere\n")
    cwl.write("counting.cwl", COUNTING)
    outputs = cwl.outputs(
        "counting.cwl", "--basedir", "data", log="/dev/null", file={"class": "File", "path": "data/a.txt"}
    )
    assert content(outputs["copy"]) == "elsewhere\n"


def test_overrides_replace_requirements(cwl: Runs) -> None:
    cwl.write(
        "env.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [sh, -c, 'echo $COLOUR']\ninputs: []\n"
        "stdout: colour.txt\noutputs: {out: stdout}\n",
    )
    cwl.write(
        "over.yml",
        "cwltool:overrides:\n  env.cwl:\n    requirements:\n      EnvVarRequirement: {envDef: {COLOUR: green}}\n",
    )
    cwl.outputs("env.cwl", "--overrides", "over.yml")
    assert (cwl.directory / "colour.txt").read_text() == "green\n"


# Where files go


def test_outputs_go_to_the_directory_or_url_that_is_named(cwl: Runs) -> None:
    cwl.outputs("example.cwl", "--outdir", "here", message="one")
    there = cwl.directory / "there"
    there.mkdir()
    outputs = cwl.outputs("example.cwl", "--destBucket", there.as_uri(), message="two")
    assert (cwl.directory / "here" / "output.txt").read_text() == "one\n"
    assert (there / "output.txt").read_text() == "two\n"
    assert outputs["output"]["location"].endswith("/there/output.txt")


def test_what_tools_keep_of_their_output_is_also_logged(cwl: Runs) -> None:
    cwl.outputs("example.cwl", "--log-dir", "logs", message="logged")
    (log,) = (cwl.directory / "logs").rglob("output.txt")
    assert log.read_text() == "logged\n"


def test_files_may_stay_where_tools_wrote_them(cwl: Runs, content: Content) -> None:
    cwl.write("a.txt", "in place\n")
    cwl.write("counting.cwl", COUNTING)
    outputs = cwl.outputs(
        "counting.cwl",
        "--bypass-file-store",
        "--outdir",
        "results",
        log=str(cwl.directory / "ran"),
        file={"class": "File", "path": "a.txt"},
    )
    assert content(outputs["copy"]) == "in place\n"


def test_only_chosen_variables_reach_tools(cwl: Runs) -> None:
    cwl.write(
        "env.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [sh, -c, 'echo $KEPT-$LOST']\ninputs: []\n"
        "stdout: kept.txt\noutputs: {out: stdout}\n",
    )
    outcome = cwl.run("--preserve-environment", "KEPT", "env.cwl", variables={"KEPT": "yes", "LOST": "no"})
    assert outcome.status == 0, str(outcome)
    assert (cwl.directory / "kept.txt").read_text() == "yes-\n"


# Work reuse


def test_work_is_reused_as_long_as_inputs_and_tool_are_the_same(cwl: Runs, content: Content) -> None:
    cwl.write("counting.cwl", COUNTING)
    log = cwl.directory / "ran"

    def run(text: str) -> str:
        cwl.write("a.txt", text)
        given = {"log": str(log), "file": {"class": "File", "path": "a.txt"}}
        return content(cwl.outputs("counting.cwl", "--cachedir", "cache", **given)["copy"])

    assert [run("one"), run("one")] == ["one", "one"]
    assert len(log.read_text().splitlines()) == 1
    assert run("two") == "two"
    assert len(log.read_text().splitlines()) == 2
    cwl.write("counting.cwl", COUNTING + "requirements: {WorkReuse: {enableReuse: false}}\n")
    assert run("two") == "two"
    assert len(log.read_text().splitlines()) == 3


# What is printed instead of a run


def test_documents_are_checked_packed_drawn_and_templated_without_a_run(cwl: Runs) -> None:
    workflow = str(Path(EXAMPLE).with_name("scatters.cwl"))
    assert "is valid CWL" in cwl.run("--validate", workflow).stdout
    assert len(json.loads(cwl.run("--pack", workflow).stdout)["$graph"]) > 2
    assert cwl.run("--print-dot", workflow).stdout.startswith("digraph")
    assert "message:" in cwl.run("--make-template", EXAMPLE).stdout
    assert not (cwl.directory / "output.txt").exists()


# What cannot work, told beforehand


TOOL = "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: 'true'\noutputs: []\n"
BAD = {
    "an unknown requirement": (TOOL + "inputs: []\nrequirements:\n  MadeUp: {}\n", "", 2, ["MadeUp", "bad.cwl:"]),
    "a type that does not fit": (TOOL + "inputs:\n  n: int\n", "n: many\n", 2, ["'n'", "job.yml:1"]),
    "a missing file": (
        TOOL + "inputs:\n  f: File\n",
        "f:\n  class: File\n  path: nowhere.txt\n",
        2,
        ["nowhere.txt", "job.yml:2"],
    ),
    "a missing secondary file": (
        TOOL + "inputs:\n  f: {type: File, secondaryFiles: [.idx]}\n",
        "f: {class: File, path: bad.cwl}\n",
        2,
        ["bad.cwl.idx"],
    ),
    "an unparsable input object": (TOOL + "inputs: []\n", "a: [1\n", 2, ["job.yml:2"]),
    "an input object that is a list": (TOOL + "inputs: []\n", "- 1\n", 2, ["job.yml", "map"]),
    "a container that may not be used": (
        TOOL + "inputs: []\nrequirements: {DockerRequirement: {dockerPull: busybox}}\n",
        "",
        33,
        ["--no-container", "bad.cwl:"],
    ),
    "a cycle": (
        (
            "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n"
            "  a: {run: ok.cwl, in: {x: b/y}, out: [y]}\n  b: {run: ok.cwl, in: {x: a/y}, out: [y]}\n"
        ),
        "",
        2,
        ["bad.cwl"],
    ),
    "several sources without the feature": (
        (
            "cwlVersion: v1.2\nclass: Workflow\ninputs: {a: string, b: string}\noutputs: []\nsteps:\n"
            "  s: {run: ok.cwl, in: {x: {source: [a, b]}}, out: [y]}\n"
        ),
        "{a: a, b: b}",
        2,
        ["MultipleInputFeatureRequirement", "bad.cwl:"],
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_work_is_told_before_anything_runs(cwl: Runs, what: str) -> None:
    document, job, status, words = BAD[what]
    cwl.write("bad.cwl", document)
    cwl.write(
        "ok.cwl",
        "cwlVersion: v1.2\nclass: ExpressionTool\nrequirements: {InlineJavascriptRequirement: {}}\n"
        "inputs: {x: Any}\noutputs: {y: Any}\nexpression: '$({y: inputs.x})'\n",
    )
    arguments = [str(cwl.write("job.yml", job))] if job else []
    outcome = cwl.run("--no-container", "--jobStore", "file:store", "bad.cwl", *arguments)
    assert outcome.status == status, str(outcome)
    for word in words:
        assert word in outcome.stderr, str(outcome)
    assert "Traceback" not in outcome.stderr
    assert not (cwl.directory / "store").exists()


def test_an_output_that_nothing_matches_is_told_with_its_pattern(cwl: Runs) -> None:
    cwl.write(
        "lacks.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: 'true'\ninputs: []\n"
        "outputs:\n  out: {type: File, outputBinding: {glob: wanted.txt}}\n",
    )
    outcome = cwl.run("lacks.cwl")
    assert outcome.status == 1, str(outcome)
    assert "wanted.txt" in outcome.stderr
    assert "lacks.cwl" in outcome.stderr
    assert "toil_plugin_cwl" not in outcome.stderr, "it shows a traceback of the plugin's own"


# What a run leaves behind, and how it is continued


def test_statistics_are_told_for_each_cwl_file(cwl: Runs) -> None:
    cwl.outputs("needs.cwl", "--stats", "--jobStore", "file:store", file={"class": "File", "path": EXAMPLE})
    outcome = toil(["stats", "file:store"], cwl.directory)
    assert outcome.status == 0, str(outcome)
    assert Path(EXAMPLE).with_name("needs.cwl").as_uri() in outcome.stdout
    assert "CWLWorkflow" in outcome.stdout or "needs.cwl" in outcome.stdout


def test_a_run_whose_leader_was_killed_is_continued(cwl: Runs, tmp_path: Path) -> None:
    ran, gate = cwl.directory / "ran", cwl.directory / "gate"
    cwl.write(
        "two.cwl",
        "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs:\n  out: {type: File, outputSource: late/out}\n"
        "steps:\n  early: {run: early.cwl, in: {}, out: [out]}\n"
        "  late: {run: late.cwl, in: {file: early/out}, out: [out]}\n",
    )
    cwl.write(
        "early.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\n"
        f"baseCommand: [sh, -c, 'echo early >> {ran}; echo first']\ninputs: []\n"
        "stdout: early.txt\noutputs: {out: stdout}\n",
    )
    cwl.write(
        "late.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\n"
        f"""baseCommand: [sh, -c, 'echo late >> {ran}; while ! test -e {gate}; do sleep 0.1; done; cat "$0"']\n"""
        "inputs: {file: {type: File, inputBinding: {}}}\nstdout: late.txt\noutputs: {out: stdout}\n",
    )
    command = [sys.executable, "-m", "toil_cli", "cwl", "--jobStore", "file:store", "two.cwl"]
    leader = subprocess.Popen(command, cwd=cwl.directory, env=environment_in(cwl.directory, {}))
    deadline = time.monotonic() + 120
    while not ran.exists() or "late" not in ran.read_text():
        assert time.monotonic() < deadline, "the second step has not begun"
        time.sleep(0.05)
    os.kill(leader.pid, signal.SIGKILL)
    leader.wait()
    gate.touch()
    outcome = cwl.run("--jobStore", "file:store", "--restart", "two.cwl")
    assert outcome.status == 0, str(outcome)
    assert ran.read_text().split().count("early") == 1
    assert (cwl.directory / "late.txt").read_text() == "first\n"


# What is loaded


def test_describing_the_language_does_not_load_cwltool() -> None:
    program = "import sys, toil_plugin_cwl.plugin as p; p.toil_workflow_languages(); print('cwltool' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
