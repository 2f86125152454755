"""Which jobs a workflow becomes, and what each of them waits for and asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running_wdl import outputs_of, run_wdl
from toil_plugin_wdl.requirements import bytes_in, disk_bytes, needs_from
from toil_plugin_wdl.values import pack, unpack
from WDL import Type, Value

_TASK = """
task t {
  input {
    Int n
    Int megabytes = 64
  }
  command <<<
    echo ~{n}
  >>>
  output {
    Int m = read_int(stdout())
  }
  runtime {
    memory: "~{megabytes} MB"
    cpu: 1
    disks: "local-disk 1 SSD"
  }
}
"""


def _jobs(directory: Path, text: str, version: str = "1.1") -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run a workflow; return its outputs, and what the leader said of its jobs."""
    directory.mkdir()
    (directory / "w.wdl").write_text(f"version {version}\n{_TASK}\n{text}")
    outputs = outputs_of(run_wdl(directory, "w.wdl", None, "--writeMessages", "messages.json"))
    return outputs, [json.loads(line) for line in (directory / "messages.json").read_text().splitlines()]


def _names(messages: list[dict[str, Any]], kind: str) -> list[str]:
    return [one.get("unit_name") or one["job_id"] for one in messages if one["message"] == kind]


def test_expressions_are_no_jobs(tmp_path: Path) -> None:
    text = """
    workflow w {
      Array[Int] ns = range(6)
      scatter (n in ns) {
        Int square = n * n
        if (square > 4) {
          Int large = square
        }
      }
      call t { input: n = length(select_all(large)) }
      Int after = t.m + 1
      call t as last { input: n = after }
      scatter (n in ns) {
        Int shifted = n + last.m
      }
      output {
        Array[Int] s = shifted
      }
    }
    """
    outputs, messages = _jobs(tmp_path / "work", text)
    assert outputs["w.s"] == [4, 5, 6, 7, 8, 9]
    assert sorted(_names(messages, "JobAdded")) == ["w", "w.last", "w.t"]


def test_each_item_of_a_scatter_over_a_known_array_is_one_job(tmp_path: Path) -> None:
    text = """
    workflow w {
      scatter (i in range(3)) {
        scatter (j in range(2)) {
          call t { input: n = 10 * i + j }
        }
      }
      output {
        Array[Array[Int]] all = t.m
      }
    }
    """
    outputs, messages = _jobs(tmp_path / "work", text)
    assert outputs["w.all"] == [[0, 1], [10, 11], [20, 21]]
    assert sorted(_names(messages, "JobAdded")) == ["w", *(f"w.t[{i}][{j}]" for i in range(3) for j in range(2))]


def test_calls_that_need_nothing_of_each_other_do_not_wait_for_each_other(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    text = f"""
    task waits {{
      command <<<
        for i in $(seq 1200); do [ -e "{gate}" ] && exit 0; sleep 0.05; done
        exit 1
      >>>
      output {{
        Int m = 1
      }}
    }}
    task opens {{
      input {{
        Int n
      }}
      command <<<
        touch "{gate}"
      >>>
      output {{
        Int m = n
      }}
    }}
    workflow w {{
      call waits
      call t {{ input: n = 1 }}
      Int between = t.m + 1
      if (between > 1) {{
        scatter (i in range(between)) {{
          call opens {{ input: n = i }}
        }}
      }}
      output {{
        Array[Int]? opened = opens.m
        Int waited = waits.m
      }}
    }}
    """
    outputs, _ = _jobs(tmp_path / "work", text)
    assert outputs == {"w.opened": [0, 1], "w.waited": 1}


def test_a_call_gets_what_its_task_asks_for(tmp_path: Path) -> None:
    text = """
    workflow w {
      call t { input: n = 1 }
      call t as more { input: n = 1, megabytes = 32 * 13 }
      call t as later { input: n = 1, megabytes = more.m + 400 }
    }
    """
    _, messages = _jobs(tmp_path / "work", text)
    names = {one["job_id"]: one["unit_name"] for one in messages if one["message"] == "JobAdded"}
    issued = {names[one["job_id"]]: one for one in messages if one["message"] == "JobIssued"}
    # What is chained to another job is not issued by itself, but has to fit.
    assert issued["w.t"]["memory"] == 256 << 20, "a worker needs some memory itself"
    assert issued["w.t"]["disk"] == 1 << 30
    assert issued["w.more"]["memory"] == 416_000_000
    assert "w.later" in names.values()


def test_a_call_may_be_allowed_to_fail(tmp_path: Path) -> None:
    text = """
    task breaks {
      command <<< exit 3 >>>
      output {
        Int m = 1
      }
    }
    workflow w {
      call? breaks
      call t { input: n = select_first([breaks.m, 7]) }
      output {
        Int? none = breaks.m
        Int seven = t.m
      }
    }
    """
    outputs, _ = _jobs(tmp_path / "work", text, "development")
    assert outputs == {"w.none": None, "w.seven": 7}


@pytest.mark.parametrize(
    ("text", "size"),
    [("2 GiB", 2 << 30), ("500 MB", 500_000_000), ("1.5G", 1_500_000_000), (1024, 1024), ("7", 7)],
)
def test_sizes_are_understood(text: str | int, size: int) -> None:
    assert bytes_in(text) == size


@pytest.mark.parametrize(
    ("text", "gibibytes"),
    [(3, 3), ("100", 100), ("2 GiB", 2), ("/mnt/data 4 GiB", 4), ("local-disk 50 SSD", 50), ("local-disk 50 HDD", 50)],
)
def test_disks_are_understood(text: str | int, gibibytes: int) -> None:
    assert disk_bytes(text) == gibibytes << 30


def test_attributes_become_requirements() -> None:
    disks = Value.Array(Type.String(), [Value.String("1 GiB"), Value.String("/x 2 GiB")])
    attributes = {
        "cpu": Value.String("2"),
        "memory": Value.String("1 GiB"),
        "disks": disks,
        "gpuType": Value.String("nvidia"),
        "gpuCount": Value.Int(2),
        "preemptible": Value.Int(3),
    }
    assert needs_from(attributes) == {
        "cores": 2.0,
        "memory": 1 << 30,
        "disk": 3 << 30,
        "accelerators": "nvidia:2",
        "preemptible": True,
    }
    assert needs_from({"gpu": Value.Boolean(True)}) == {"accelerators": 1}
    assert needs_from({"gpu": Value.Boolean(False), "preemptible": Value.Int(0)}) == {}


def test_values_survive_being_packed() -> None:
    point = Type.StructInstance("Point")
    point.members = {"x": Type.Float(), "f": Type.File(optional=True)}
    kind = Type.Map((Type.Pair(Type.Int(), Type.String()), Type.Array(point)))
    key = Value.Pair(Type.Int(), Type.String(), (Value.Int(1), Value.String("a")))
    points: list[Value.Base] = [
        Value.Struct(point, {"x": Value.Float(2.0), "f": Value.File("/a/b")}),
        Value.Struct(point, {"x": Value.Float(1)}),
    ]
    value = Value.Map(kind.item_type, [(key, Value.Array(point, points))])
    packed = json.loads(json.dumps(pack(value)))
    again = unpack(packed, kind)
    assert pack(again) == pack(value)
    assert str(again.type) == str(value.type)
    assert pack(unpack(packed)) == pack(value)
