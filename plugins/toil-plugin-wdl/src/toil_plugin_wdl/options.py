"""The options that WDL adds to Toil's."""

from __future__ import annotations

import os

from toil_core.api import ENGINE_NAMES, Option

_GROUP = "WDL"


def _absolute(place: str) -> str:
    """Return a directory's absolute path, since workers have another current directory; a URL stays as it is."""
    return place if "://" in place else os.path.abspath(place)


OPTIONS = (
    Option(
        name="outdir",
        help="The directory, or URL of one, to write output files to.",
        group=_GROUP,
        metavar="DIRECTORY",
        flags=("-o", "--outdir", "--outputDirectory", "--output-directory"),
        default_text="the current directory",
        plugin="wdl",
    ),
    Option(
        name="outputFile",
        help="A file, or URL of one, to write the output JSON to, instead of to standard output.",
        group=_GROUP,
        metavar="FILE",
        flags=("-m", "--outputFile", "--output-file"),
        plugin="wdl",
    ),
    Option(
        name="outputDialect",
        help="The form of the output JSON: 'cromwell' has the outputs by their full names, 'miniwdl' has them below "
        "'outputs', with the output directory beside them.",
        group=_GROUP,
        default="cromwell",
        choices=("cromwell", "miniwdl"),
        flags=("--outputDialect", "--output-dialect"),
        plugin="wdl",
    ),
    Option(
        name="allCallOutputs",
        help="Return the outputs of all calls, not just those of the workflow's output section.",
        group=_GROUP,
        default=False,
        metavar=None,
        flags=("--allCallOutputs", "--all-call-outputs"),
        plugin="wdl",
    ),
    Option(
        name="wdlTask",
        help="The task to run, of a document that has no workflow or where just this is wanted.",
        group=_GROUP,
        metavar="NAME",
        flags=("--task",),
        per_run=True,
        plugin="wdl",
    ),
    Option(
        name="container",
        help="What to run containers with. 'auto' takes the first that works here and runs tasks that name no "
        "container without one, 'none' runs all tasks without one.",
        group=_GROUP,
        default="auto",
        choices=ENGINE_NAMES,
        plugin="wdl",
    ),
    Option(
        name="callCache",
        help="A directory, or URL of one, to keep the outputs of tasks in, and to take them from when a later run "
        "calls the same task with the same inputs.",
        group=_GROUP,
        metavar="DIRECTORY",
        parse=_absolute,
        flags=("--callCache", "--call-cache"),
        plugin="wdl",
    ),
    Option(
        name="strict",
        help="Refuse documents with code that is valid but questionable.",
        group=_GROUP,
        default=False,
        metavar=None,
        plugin="wdl",
    ),
    Option(
        name="devMode",
        help="Write the document's syntax tree to AST.out, and what calls, inputs and outputs it has to mappings.out, "
        "in the current directory.",
        group=_GROUP,
        default=False,
        metavar=None,
        flags=("--dev_mode", "--devMode"),
        plugin="wdl",
    ),
)
