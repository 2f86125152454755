"""Makes the page of what plugins may import, `toil_core.api`, from what each name there says of itself."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from toil_core import api

#: Headings, and the modules whose names stand below each.
SUBJECTS = {
    "Specs, hooks and options": ("toil_core.specs", "toil_core.hookspecs", "toil_core.options", "pluggy"),
    "Errors of all kinds": ("toil_core.errors",),
    "Batch systems driven by commands": ("toil_core.batch_systems.scheduler",),
    "Batch systems": ("toil_core.batch_systems",),
    "Job stores and files": ("toil_core.job_stores", "toil_core.file_stores"),
    "Workflow languages": ("toil_core.languages", "toil_core.worker"),
    "Workflows and jobs": ("toil_core.workflow", "toil_core.jobs", "toil_core.leader"),
    "Containers": ("toil_core.containers",),
    "Clouds": ("toil_core.provisioning",),
    "What happens in a run": ("toil_core.observe",),
    "Sizes, and the ends of files": ("toil_core.units", "toil_core.tails"),
}
#: What is no class and no function: the module that it comes from, and what it is.
VALUES = {
    "API_VERSION": ("toil_core.specs", "The version of this interface, which specs carry."),
    "ENGINE_NAMES": ("toil_core.containers", "The container engines that users may choose from."),
    "EXIT_STATUS_UNAVAILABLE_VALUE": (
        "toil_core.batch_systems",
        "The exit status of a job whose real one nobody knows.",
    ),
    "events": ("toil_core.observe", "The messages that observers hear, one class for each."),
    "hookimpl": ("toil_core.hookspecs", "Marks a function of `plugin.py`, or a method of an observer, as a hook."),
}


def interface_page() -> str:
    """Return a table for each subject, with every public name and the first sentence that it says of itself."""
    rows: dict[str, list[str]] = {subject: [] for subject in SUBJECTS}
    for name in api.__all__:
        module, about = VALUES.get(name) or _described(name)
        rows[_subject(module)].append(f"| `{name}` | {about} |")
    parts = [
        "\n".join([f"## {subject}\n", "| name | what it is |", "|---|---|", *found, ""])
        for subject, found in rows.items()
    ]
    return "\n".join(parts)


def write(directory: Path) -> None:
    """Write it, for a page to include."""
    directory.mkdir(exist_ok=True)
    (directory / "interface.md").write_text(interface_page())


def _described(name: str) -> tuple[str, str]:
    value = getattr(api, name)
    paragraph = " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())
    return value.__module__, re.split(r"(?<=\.) (?=[A-Z])", paragraph)[0].replace("|", "\\|")


def _subject(module: str) -> str:
    return next(subject for subject, rooms in SUBJECTS.items() if any(module.startswith(room) for room in rooms))
