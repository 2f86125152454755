"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import WorkflowLanguageSpec, hookimpl
from toil_plugin_cwl.options import OPTIONS

_ABOUT = """
INPUTS is the file of an input object in YAML or JSON, or '-' to read it from standard input; inputs can also be given
as options after the document. Output files are written to the current directory, and the output object to standard
output.

\b
toil-cwl-runner example.cwl example-job.yaml          run with an input object
toil-cwl-runner example.cwl --message 'Hello world!'  run with inputs as options
toil-cwl-runner packed.cwl#main job.json              run one process of several
toil-cwl-runner --outdir results --retryCount 2 wf.cwl job.json
"""


@hookimpl
def toil_workflow_languages() -> list[WorkflowLanguageSpec]:
    """Bring the language."""
    return [
        WorkflowLanguageSpec(
            name="cwl",
            implementation="toil_plugin_cwl.running:run",
            summary="Run tools and workflows in the Common Workflow Language.",
            options=OPTIONS,
            suffixes=(".cwl",),
            markers=("cwlVersion",),
            input_flags=True,
            about=_ABOUT.strip(),
        )
    ]
