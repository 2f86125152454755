"""A language of one sentence: a document is the name of one of the functions below, run as a job."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from toil_core.api import ExplainedError, Job, StepDirectory, Toil, fork_workers_from_here, run_options

#: In a process that runs the language, what its document says; in one that does not, nothing.
LOADED: dict[str, str] = {}


def run(document: str, arguments: list[str]) -> int:
    """Run a document, or show what reached the language."""
    options = run_options("moon")
    file = document.partition("#")[0]
    text = Path(file).read_text().strip() if os.path.exists(file) else ""
    if not text or "moonVersion" in text:
        known = {name: getattr(options, name, None) for name in ("phase", "outdir", "retryCount", "jobStore")}
        print(json.dumps({"document": document, "arguments": arguments, **known}))
        return int(os.environ.get("MOON_STATUS", "0"))
    LOADED["document"] = text
    if os.environ.get("MOON_FORKS"):
        fork_workers_from_here()
    with Toil(options) as toil:
        shown = {name: getattr(toil.config, name) for name in ("phase", "outdir")}
        value = toil.restart() if options.restart else toil.start(_job(text, arguments))
    print(json.dumps({"value": value, **shown}))
    return 0


def _job(text: str, arguments: list[str]) -> Job:
    if text == "burn":
        return Burn(arguments)
    return Job.wrapJobFn(globals()[text], arguments, unitName="main.descent", displayName="file:///x.moon")


class Burn(Job):
    """A step with a command, which fails."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(unitName="main.burn")
        self.arguments = arguments

    def lay_out(self, fileStore: Any) -> StepDirectory:
        """Put the fuel where the command finds it."""
        if "nothing" in self.arguments:
            raise ExplainedError("The step main.burn has no command.", ["It only decides."])
        path = fileStore.getLocalTempDir()
        (Path(path) / "fuel").write_text("a lot")
        command = shlex.join(["sh", "-c", 'echo "$PHASE" $(cat fuel); exit 4'])
        return StepDirectory(path, command, {"PHASE": "full moon"}, ("Step:  main.burn",))

    def run(self, fileStore: Any) -> None:
        """Run the command."""
        step = self.lay_out(fileStore)
        subprocess.run(step.command, shell=True, check=True, cwd=step.path, env={**os.environ, **step.environment})


def land(job: Any, arguments: list[str]) -> str:
    """Tell where the job runs."""
    return "landed " + " ".join(arguments)


def crash(job: Any, arguments: list[str]) -> str:
    """Fail, unless there is a pad to land on."""
    if not os.path.exists(os.path.expanduser("~/pad")):
        raise RuntimeError("no pad")
    return "landed"


def look(job: Any, arguments: list[str]) -> dict[str, Any]:
    """Return what the worker finds loaded."""
    main = getattr(sys.modules["__main__"], "__file__", None)
    return {"loaded": LOADED, "click": "click" in sys.modules, "main": main}


def preload(job_store: Any) -> None:
    """Load, in a worker that starts as a fresh interpreter, what was loaded in the leader."""
    LOADED.setdefault("document", f"preloaded from a {type(job_store).__name__}")


def miss(job: Any, arguments: list[str]) -> None:
    """Fail with an explanation of it."""
    lines = ["Step:      main.descent", "Command:   burn --seconds 3", "It exited with 4. Its last lines of stderr:"]
    raise ExplainedError("The step main.descent missed the moon.", [*lines, "  | no \x1b[31mfuel"], "Take more fuel.")
