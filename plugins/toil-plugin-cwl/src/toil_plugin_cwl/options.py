"""The options that CWL adds to Toil's; they are spelled as those of cwltool that they stand for."""

from __future__ import annotations

import os
from typing import Any

from toil_core.api import Option

_FILES = "CWL: Files and Directories"
_DOCUMENTS = "CWL: Documents"
_CONTAINERS = "CWL: Containers"
_TOOLS = "CWL: Tools"
_LOGS = "CWL: Logging"


def _path(text: str) -> str:
    """Return a path that means the same in every process; a slash at its end is kept."""
    return os.path.abspath(text) + ("/" if text.endswith("/") and text != "/" else "")


def _option(flag: str, help_text: str, group: str, **more: Any) -> Option:
    """Return an option whose attribute is the flag in camel case."""
    first, *words = flag.removeprefix("--").split("-")
    name = more.pop("name", "") or first + "".join(word.capitalize() for word in words)
    return Option(name=name, help=help_text, group=group, flags=(flag,), plugin="cwl", **more)


def _flag(flag: str, help_text: str, group: str, **more: Any) -> Option:
    if "sets" not in more:
        more.setdefault("default", False)
    return _option(flag, help_text, group, metavar=None, **more)


OPTIONS = (
    _flag("--quiet", "Show only warnings and errors.", _LOGS, sets="logLevel", const="WARNING"),
    _flag("--no-warnings", "Show only errors.", _LOGS, sets="logLevel", const="ERROR"),
    _flag("--debug", "Show everything.", _LOGS, sets="logLevel", const="DEBUG"),
    _option(
        "--outdir",
        "The directory to write output files to.",
        _FILES,
        metavar="DIRECTORY",
        parse=_path,
        default_text="the current directory",
    ),
    _option("--destBucket", "A URL to write output files to instead of a directory.", _FILES, metavar="URL"),
    _option(
        "--basedir",
        "The directory that relative paths in the input object start from.",
        _FILES,
        metavar="DIRECTORY",
        parse=_path,
        default_text="where the input object is",
    ),
    _option(
        "--tmpdir-prefix",
        "The path that names of temporary directories begin with.",
        _FILES,
        metavar="PREFIX",
        parse=_path,
        default_text="in each job's own directory",
    ),
    _option(
        "--tmp-outdir-prefix",
        "The path that names of directories which tools write their outputs to begin with.",
        _FILES,
        metavar="PREFIX",
        parse=_path,
        default_text="in each job's own directory",
    ),
    _option(
        "--cachedir",
        "A directory for the outputs of tools, from where later runs take them instead of running the same command "
        "on the same files again.",
        _FILES,
        metavar="DIRECTORY",
        parse=_path,
    ),
    _option(
        "--log-dir",
        "A directory for the standard output and error of tools that keep these.",
        _FILES,
        metavar="DIRECTORY",
        parse=_path,
    ),
    _flag(
        "--bypass-file-store",
        "Leave intermediate files where tools wrote them, and share them between jobs by their paths, on a file system "
        "that all jobs see. InplaceUpdateRequirement needs this.",
        _FILES,
    ),
    _flag("--disable-streaming", "Do not stream files that tools read but once.", _FILES),
    _flag(
        "--no-compute-checksum",
        "Do not compute checksums of output files.",
        _FILES,
        name="computeChecksum",
        default=True,
        const=False,
    ),
    _option(
        "--overrides",
        "A file with requirements that replace those of documents.",
        _DOCUMENTS,
        metavar="FILE",
        parse=_path,
    ),
    _flag("--validate", "Only check the document, and the input object if there is one.", _DOCUMENTS),
    _flag("--pack", "Print the document with all that it refers to as one document, and stop.", _DOCUMENTS),
    _flag("--print-dot", "Print the workflow as a graph for Graphviz, and stop.", _DOCUMENTS),
    _flag("--make-template", "Print an input object to fill in, and stop.", _DOCUMENTS),
    _flag("--enable-dev", "Accept versions of CWL that are being developed.", _DOCUMENTS),
    _flag("--enable-ext", "Accept extensions of cwltool, such as CUDARequirement and MPIRequirement.", _DOCUMENTS),
    _flag("--relax-path-checks", "Accept spaces and other unusual characters in file names.", _DOCUMENTS),
    _flag("--non-strict", "Ignore fields of documents that CWL does not know.", _DOCUMENTS),
    _flag("--skip-schemas", "Do not load the schemas that documents name.", _DOCUMENTS),
    _flag("--no-doc-cache", "Do not keep documents that were loaded over HTTP on disk.", _DOCUMENTS),
    _flag("--disable-js-validation", "Do not check JavaScript expressions beforehand.", _DOCUMENTS),
    _option(
        "--eval-timeout",
        "How many seconds a JavaScript expression may take.",
        _DOCUMENTS,
        metavar="SECONDS",
        default=60.0,
        parse=float,
    ),
    _flag("--js-console", "Show what JavaScript expressions print.", _DOCUMENTS),
    _option(
        "--container",
        "What runs containers.",
        _CONTAINERS,
        name="cwlContainer",
        metavar="ENGINE",
        choices=("docker", "podman", "singularity", "udocker", "none"),
        default="docker",
    ),
    _flag(
        "--singularity",
        "Run containers with Singularity or Apptainer.",
        _CONTAINERS,
        sets="cwlContainer",
        const="singularity",
    ),
    _flag("--podman", "Run containers with Podman.", _CONTAINERS, sets="cwlContainer", const="podman"),
    _flag("--udocker", "Run containers with udocker.", _CONTAINERS, sets="cwlContainer", const="udocker"),
    _flag(
        "--no-container",
        "Run tools without the containers that documents suggest.",
        _CONTAINERS,
        sets="cwlContainer",
        const="none",
    ),
    _option(
        "--user-space-docker-cmd",
        "A program to use as udocker is used.",
        _CONTAINERS,
        metavar="COMMAND",
    ),
    _option("--default-container", "The image for tools that name none.", _CONTAINERS, metavar="IMAGE"),
    _flag("--no-match-user", "Let containers run as the user that they choose.", _CONTAINERS),
    _flag("--no-read-only", "Let containers write to their whole file system.", _CONTAINERS),
    _flag("--disable-pull", "Do not fetch images that are not here.", _CONTAINERS),
    _flag("--force-docker-pull", "Fetch images also if they are here.", _CONTAINERS),
    _option("--custom-net", "The network that containers use.", _CONTAINERS, metavar="NETWORK"),
    _flag("--leave-container", "Do not remove containers that are done.", _CONTAINERS),
    _flag("--strict-memory-limit", "Let containers use no more memory than tools ask for.", _CONTAINERS),
    _flag("--strict-cpu-limit", "Let containers use no more cores than tools ask for.", _CONTAINERS),
    _option(
        "--preserve-environment",
        "A variable of the environment that tools are to see; may be given several times.",
        _TOOLS,
        metavar="VARIABLE",
        repeatable=True,
        default=[],
    ),
    _flag("--preserve-entire-environment", "Let tools see the whole environment.", _TOOLS),
    _option("--mpi-config-file", "How to run tools with MPI on this system.", _TOOLS, metavar="FILE", parse=_path),
    _flag("--beta-conda-dependencies", "Install what SoftwareRequirement names with Conda.", _TOOLS),
    _option(
        "--beta-dependency-resolvers-configuration",
        "How to find what SoftwareRequirement names.",
        _TOOLS,
        metavar="FILE",
        parse=_path,
    ),
    _option("--beta-dependencies-directory", "Where Conda installs it.", _TOOLS, metavar="DIRECTORY", parse=_path),
)
