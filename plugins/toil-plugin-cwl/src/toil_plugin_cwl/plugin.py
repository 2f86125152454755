"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import WorkflowLanguageSpec, hookimpl


@hookimpl
def toil_workflow_languages() -> list[WorkflowLanguageSpec]:
    """Bring it."""
    return [
        WorkflowLanguageSpec(
            name="cwl",
            implementation="toil_plugin_cwl.running:run",
            summary="Tools and workflows in the Common Workflow Language.",
            suffixes=(".cwl",),
        )
    ]
