"""A language of one sentence: a document is the name of one of the functions below, run as a job."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from toil_core.api import Job, Toil, run_options

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
    with Toil(options) as toil:
        shown = {name: getattr(toil.config, name) for name in ("phase", "outdir")}
        value = toil.restart() if options.restart else toil.start(Job.wrapJobFn(globals()[text], arguments))
    print(json.dumps({"value": value, **shown}))
    return 0


def land(job: Any, arguments: list[str]) -> str:
    """Tell where the job runs."""
    return "landed " + " ".join(arguments)


def crash(job: Any, arguments: list[str]) -> str:
    """Fail, unless there is a pad to land on."""
    if not os.path.exists(os.path.expanduser("~/pad")):
        raise RuntimeError("no pad")
    return "landed"


def modules(job: Any, arguments: list[str]) -> list[str]:
    """Return which of these modules the worker has loaded."""
    return [name for name in arguments if name in sys.modules]
