"""WDL documents, whole processes: this project beside miniwdl and, where it is named, the original.

    python benchmarks/wdl.py --miniwdl MINIWDL/bin/miniwdl [--original ORIGINAL/bin/toil-wdl-runner] [--repeat 3]

MINIWDL is a virtual environment with `pip install miniwdl miniwdl-backend-bare`, the latter for running tasks without
containers, as this project does with `--container none`. The original knows no such thing: it gets a stand-in for
Singularity, which needs root. Each figure is the median of the repetitions; the runners take turns, so
that all of them meet the same machine. The memory is that of the process that was started.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from cwl import measured

BIN = Path(sys.executable).parent
STAND_INS = Path(__file__).parent / "stand_ins"
ONE = """version 1.0
task hello { command <<< echo hello >>> output { String said = read_string(stdout()) } }
workflow one { call hello output { String said = hello.said } }
"""
SCATTER = """version 1.0
task say { input { Int i } command <<< echo ~{i} >>> output { String said = read_string(stdout()) } }
workflow many {
  input { Int n }
  scatter (i in range(n)) { call say { input: i = i } }
  output { Array[String] said = say.said }
}
"""


def commands(miniwdl: str | None, original: str | None) -> dict[str, list[str]]:
    """Return how each runner is called, before the document and its inputs."""
    found = {"this project": [str(BIN / "toil-wdl-runner"), "--logError", "--container", "none"]}
    if miniwdl:
        found["miniwdl"] = [miniwdl, "run", "--dir", "DIRECTORY/miniwdl"]
    if original:
        found["the original"] = [original, "--logError", "--container", "singularity"]
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--miniwdl", help="the program of miniwdl")
    parser.add_argument("--original", help="the runner of the original")
    parser.add_argument("--repeat", type=int, default=3, help="how often to run each")
    parser.add_argument("--sizes", type=int, nargs="*", default=[20, 500], help="how wide to scatter")
    given = parser.parse_args()
    # The original looks its worker up on the path.
    before = [str(STAND_INS), *([str(Path(given.original).parent)] if given.original else [])]
    os.environ["PATH"] = os.pathsep.join([*before, os.environ["PATH"]])
    os.environ["MINIWDL__SCHEDULER__CONTAINER_BACKEND"] = "bare"
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "one.wdl").write_text(ONE)
        Path(directory, "many.wdl").write_text(SCATTER)
        workloads = {"one task": ("one.wdl", {})}
        workloads.update({f"scatter of {size}": ("many.wdl", {"many.n": size}) for size in given.sizes})
        sys.stdout.write("| | runner | seconds | processor seconds | MB |\n|---|---|---|---|---|\n")
        for name, (document, inputs) in workloads.items():
            figures: dict[str, list[tuple[float, float, float]]] = {}
            Path(directory, "inputs.json").write_text(json.dumps(inputs))
            for _ in range(given.repeat):
                for runner, words in commands(given.miniwdl, given.original).items():
                    command = [word.replace("DIRECTORY", directory) for word in words]
                    source = ["-i", "inputs.json"] if runner == "miniwdl" else ["inputs.json"]
                    figures.setdefault(runner, []).append(measured([*command, document, *source], directory))
            for runner, all_of_it in figures.items():
                seconds, processor, memory = (statistics.median(one) for one in zip(*all_of_it, strict=True))
                sys.stdout.write(f"| {name} | {runner} | {seconds:.2f} | {processor:.2f} | {memory:.0f} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
