"""How files get into and out of the job store and to the jobs."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Data Storage Options"
ABOUT = "How files are imported, exported, cached and made durable."

OPTIONS = (
    Option(
        name="linkImports",
        help="Link imported files into a job store on a file system instead of copying them. They must then stay as "
        "they are for as long as the workflow runs.",
        group=TITLE,
        metavar=None,
        default_text="link where the workflow asks for it",
    ),
    Option(
        name="noLinkImports",
        help="Copy imported files into the job store even where the workflow allows links.",
        group=TITLE,
        metavar=None,
        const=False,
        sets="linkImports",
    ),
    Option(
        name="moveExports",
        help="Move exported files out of a job store on a file system, leaving links to them, instead of copying them.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="noMoveExports",
        help="Copy exported files, which is the default.",
        group=TITLE,
        metavar=None,
        const=False,
        sets="moveExports",
    ),
    Option(
        name="disableCaching",
        help="Do not keep copies of files on the machines that run jobs; the same as --caching=false.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="caching",
        help="Whether each machine keeps copies of the files that its jobs use. Must be false for batch systems that "
        "cannot clean up after a workflow.",
        group=TITLE,
        parse=values.flag,
        metavar="BOOL",
        default_text="as suits the job store",
    ),
    Option(
        name="durable",
        help="Force each job's outcome to disk before going on, so that it outlives a crash of the machine and not "
        "only of Toil.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
)
