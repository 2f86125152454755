"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import WorkflowLanguageSpec, hookimpl
from toil_plugin_wdl.options import OPTIONS

_ABOUT = """
INPUTS is a file with the inputs in JSON, the URL of one, or the JSON itself. Output files are written to the current
directory, and a JSON object with the outputs to standard output.

\b
toil-wdl-runner hello.wdl hello.json                    run with inputs from a file
toil-wdl-runner hello.wdl '{"hello.who": "world"}'      run with inputs given here
toil-wdl-runner tasks.wdl --task align inputs.json      run one task of several
toil-wdl-runner --outdir results --retryCount 2 wf.wdl inputs.json
"""


@hookimpl
def toil_workflow_languages() -> list[WorkflowLanguageSpec]:
    """Bring the language."""
    return [
        WorkflowLanguageSpec(
            name="wdl",
            implementation="toil_plugin_wdl.running:run",
            summary="Run tasks and workflows in the Workflow Description Language.",
            options=OPTIONS,
            suffixes=(".wdl",),
            preload="toil_plugin_wdl.preloading:preload",
            about=_ABOUT.strip(),
        )
    ]
