"""What people are told when something about a WDL document, its inputs or its tasks is not right."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_wdl import outputs_of, run_wdl

TYPED = """version 1.1
struct Point {
  Int x
}
workflow typed {
  input {
    Int number
    Array[File] files
    Point point
    String word = "default"
  }
  output {
    Int n = number
  }
}
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An empty directory."""
    work = tmp_path / "work"
    work.mkdir()
    return work


def _refused(directory: Path, text: str, *told: str) -> None:
    (directory / "bad.wdl").write_text(text)
    outcome = run_wdl(directory, "bad.wdl", status=2)
    for one in told:
        assert one in outcome.stderr, str(outcome)


def test_a_syntax_error_is_shown_with_its_line_and_a_caret(directory: Path) -> None:
    _refused(
        directory,
        "version 1.0\nworkflow bad {\n  Int n = = 1\n}\n",
        "bad.wdl:3:11",
        "\n      Int n = = 1\n",
        "\n              ^\n",
    )


def test_all_type_errors_are_shown(directory: Path) -> None:
    text = "version 1.0\nworkflow bad {\n  Int n = [1]\n  Boolean b = 3 + missing\n}\n"
    _refused(
        directory, text, "There are 2 errors", "bad.wdl:3:11", "Expected Int instead of Array", "missing", "bad.wdl:4:"
    )


def test_an_import_that_fails_is_told_with_its_place(directory: Path) -> None:
    _refused(directory, 'version 1.0\nimport "none.wdl" as n\nworkflow bad {}\n', "none.wdl", "bad.wdl:2:1")


def test_an_error_in_an_imported_document_is_shown_there(directory: Path) -> None:
    (directory / "part.wdl").write_text("version 1.0\ntask t {\n  command { ~{x} }\n}\n")
    _refused(directory, 'version 1.0\nimport "part.wdl" as p\nworkflow bad {}\n', "Unknown identifier x", "part.wdl:3:")


def test_inputs_that_do_not_fit_are_told_together(directory: Path) -> None:
    (directory / "typed.wdl").write_text(TYPED)
    inputs = {"typed.numbr": 1, "typed.point": {"y": 2}, "typed.word": "x", "elsewhere.x": 1}
    told = run_wdl(directory, "typed.wdl", inputs, status=2).stderr
    assert "typed.number (Int) is missing" in told
    assert "typed.files (Array[File]) is missing" in told
    assert "typed.numbr is not known; did you mean typed.number (Int)?" in told
    assert "typed.point is to be of the type Point" in told and "'x'" in told
    assert "elsewhere.x is not known" in told


def test_inputs_that_are_not_json_are_told(directory: Path) -> None:
    (directory / "typed.wdl").write_text(TYPED)
    (directory / "in.json").write_text('{"typed.number": 1,}')
    assert "not JSON" in run_wdl(directory, "typed.wdl", "in.json", status=2).stderr
    assert "cannot be read" in run_wdl(directory, "typed.wdl", "none.json", status=2).stderr


def test_missing_files_are_told_together_before_anything_runs(directory: Path) -> None:
    (directory / "typed.wdl").write_text(TYPED)
    inputs = {"typed.number": 1, "typed.files": ["a.txt", "b.txt"], "typed.point": {"x": 1}}
    told = run_wdl(directory, "typed.wdl", inputs, status=2).stderr
    assert told.count("typed.files") == 2
    assert "a.txt" in told and "b.txt" in told


FAILING = """version 1.1
task failing {
  input {
    Int status
    Int times = 0
  }
  command <<<
    echo attempt >> "@HERE@/attempts"
    echo "something broke: ~{status}" >&2
    [ "$(wc -l < "@HERE@/attempts")" -gt ~{times} ] && [ ~{times} -gt 0 ] && exit 0
    exit ~{status}
  >>>
  output {
    Boolean done = true
  }
  runtime {
    maxRetries: 2
  }
}
workflow failures {
  input {
    Int status
    Int times = 0
  }
  scatter (i in range(2)) {
    if (i == 1) {
      call failing as inner { input: status = status, times = times }
    }
  }
  output {
    Array[Boolean?] done = inner.done
  }
}
"""


def test_a_failed_task_is_told_with_its_path_command_status_and_errors(directory: Path) -> None:
    (directory / "failures.wdl").write_text(FAILING.replace("@HERE@", str(directory)))
    told = run_wdl(directory, "failures.wdl", {"failures.status": 9}, status=1).stderr
    assert "failures.inner[1]" in told
    assert "status 9" in told
    assert 'echo "something broke: 9" >&2' in told
    assert "      something broke: 9" in told
    assert (directory / "attempts").read_text().count("attempt") == 3
    assert "Traceback" not in told


def test_a_task_is_tried_as_often_as_it_asks_for(directory: Path) -> None:
    (directory / "failures.wdl").write_text(FAILING.replace("@HERE@", str(directory)))
    outcome = run_wdl(directory, "failures.wdl", {"failures.status": 9, "failures.times": 2})
    assert outputs_of(outcome)["failures.done"] == [None, True]


def test_an_output_that_was_not_written_is_told_with_its_expression(directory: Path) -> None:
    (directory / "lazy.wdl").write_text(
        'version 1.0\ntask lazy {\n  command {}\n  output {\n    File out = "never" + ".txt"\n  }\n}\n'
    )
    told = run_wdl(directory, "lazy.wdl", status=1).stderr
    assert "did not write the file 'never.txt' of its output 'out'" in told
    assert "lazy.wdl:5:" in told and 'File out = "never" + ".txt"' in told


def test_an_expression_that_fails_is_told_with_its_place(directory: Path) -> None:
    (directory / "few.wdl").write_text(
        "version 1.0\nworkflow few {\n  input {\n    Array[Int] xs\n  }\n  output {\n    Int x = xs[3]\n  }\n}\n"
    )
    told = run_wdl(directory, "few.wdl", {"few.xs": [1]}, status=1).stderr
    assert "the output 'x' of the workflow 'few'" in told.lower()
    assert "few.wdl:7:" in told


def test_which_of_several_tasks_to_run_has_to_be_said(directory: Path) -> None:
    (directory / "tasks.wdl").write_text("version 1.0\ntask a {\n  command {}\n}\ntask b {\n  command {}\n}\n")
    told = run_wdl(directory, "tasks.wdl", status=2).stderr
    assert "a, b" in told and "--task" in told
