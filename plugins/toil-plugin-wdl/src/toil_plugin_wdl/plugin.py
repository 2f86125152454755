"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import WorkflowLanguageSpec, hookimpl


@hookimpl
def toil_workflow_languages() -> list[WorkflowLanguageSpec]:
    """Bring it."""
    return [
        WorkflowLanguageSpec(
            name="wdl",
            implementation="toil_plugin_wdl.running:run",
            summary="Tasks and workflows in the Workflow Description Language.",
            suffixes=(".wdl",),
        )
    ]
