"""Calls whose task, inputs and container are unchanged take their outputs from the call cache."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from running_wdl import outputs_of, run_wdl

CACHED = """
version 1.2
task made {
  input {
    File f
    Int n
  }
  command <<<
    echo run >> "@HERE@/runs"
    mkdir -p d/sub
    cat ~{f} > d/sub/copy.txt
    echo ~{n} > d/n.txt
    date +%N
  >>>
  output {
    String when = read_string(stdout())
    File inside = "d/n.txt"
    Directory all = "d"
  }
  @META@
}
workflow cached {
  input {
    File f
    Int n = 1
  }
  call made { input: f, n }
  output {
    String when = made.when
    File inside = made.inside
    Directory all = made.all
  }
}
"""


class _Cached:
    """A workflow with one call, in a directory with a cache."""

    def __init__(self, directory: Path, meta: str = "") -> None:
        self.directory = directory
        directory.mkdir()
        self.write(meta)
        (directory / "in.txt").write_text("one\n")

    def write(self, meta: str = "", text: str = CACHED) -> None:
        text = text.replace("@HERE@", str(self.directory)).replace("@META@", meta)
        (self.directory / "cached.wdl").write_text(text)

    def run(self, cache: str = "cache", out: str = "out", **inputs: Any) -> tuple[dict[str, Any], str]:
        given = {"cached.f": "in.txt", **{f"cached.{name}": value for name, value in inputs.items()}}
        outcome = run_wdl(self.directory, "cached.wdl", given, "--callCache", cache, "-o", out)
        return outputs_of(outcome), outcome.stderr

    def count(self) -> int:
        return len((self.directory / "runs").read_text().splitlines())


@pytest.fixture
def cached(tmp_path: Path) -> _Cached:
    """The workflow."""
    return _Cached(tmp_path / "work")


def test_a_call_that_was_run_before_is_not_run_again(cached: _Cached) -> None:
    first, said = cached.run()
    assert "it was not run with this cache before" in said
    again, said = cached.run(out="again")
    assert "'cached.made' are taken from the call cache" in said
    assert again["cached.when"] == first["cached.when"]
    assert Path(again["cached.inside"]).read_text() == "1\n"
    assert (Path(again["cached.all"]) / "sub" / "copy.txt").read_text() == "one\n"
    assert cached.count() == 1


def test_what_has_changed_is_told(cached: _Cached) -> None:
    cached.run()
    assert "since the input 'n' changed" in cached.run(n=2)[1]
    (cached.directory / "in.txt").write_text("two\n")
    assert "since the input 'f' changed" in cached.run(n=2)[1]
    cached.write(text=CACHED.replace("date +%N", "date  +%N"))
    assert "since the task's code changed" in cached.run(n=2)[1]
    assert cached.count() == 4


def test_a_file_is_known_by_its_content_wherever_it_lies(cached: _Cached) -> None:
    first, _ = cached.run()
    (cached.directory / "moved").mkdir()
    shutil.copy(cached.directory / "in.txt", cached.directory / "moved" / "in.txt")
    assert cached.run(f="moved/in.txt")[0]["cached.when"] == first["cached.when"]


def test_a_volatile_task_is_always_run(tmp_path: Path) -> None:
    cached = _Cached(tmp_path / "work", "meta { volatile: true }")
    cached.run()
    cached.run()
    assert cached.count() == 2


def test_the_cache_may_be_at_a_url(cached: _Cached) -> None:
    place = f"file://{cached.directory}/elsewhere"
    first, _ = cached.run(place)
    assert cached.run(place)[0]["cached.when"] == first["cached.when"]


def test_an_entry_that_lost_a_file_does_not_count(cached: _Cached) -> None:
    cached.run()
    for path in (cached.directory / "cache").rglob("n.txt"):
        path.unlink()
    _, said = cached.run()
    assert "its outputs are not in the cache any more" in said
    assert cached.count() == 2


def test_runs_at_the_same_time_do_not_spoil_the_cache(cached: _Cached) -> None:
    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(lambda number: cached.run(out=f"out{number}")[0], range(3)))
    runs = cached.count()
    found, _ = cached.run(out="later")
    assert cached.count() == runs
    assert found["cached.when"] in {one["cached.when"] for one in results}
    assert Path(found["cached.inside"]).read_text() == "1\n"
