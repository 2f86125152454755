"""Where a workflow works, what is kept of it afterwards, and whether it is continued."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Core Toil Options"
ABOUT = "Where the workflow keeps its files, and what is left of them when it ends."
CLEAN_CHOICES = ("always", "onError", "never", "onSuccess")

OPTIONS = (
    Option(
        name="workDir",
        help="Existing directory for temporary files and the cache, on every machine that runs jobs. Standard output "
        "and error of batch system jobs go there as well, so that it should be on a shared file system where these "
        "matter.",
        group=TITLE,
        parse=values.path,
        metavar="WORKDIR",
        env="TOIL_WORKDIR",
        per_machine=True,
        default_text="the system's directory for temporary files",
    ),
    Option(
        name="coordinationDir",
        help="Directory for lock and state files. Containers of one machine that share a cache must share it.",
        group=TITLE,
        parse=values.path,
        metavar="COORDINATION_DIR",
        env="TOIL_COORDINATION_DIR",
        per_machine=True,
        default_text="in memory where possible, else in the work directory",
    ),
    Option(
        name="noStdOutErr",
        help="Do not capture standard output and error of batch system jobs.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="stats",
        help="Record how much of each resource the jobs use, to be shown by 'toil stats'. The job store is then kept, "
        "whatever --clean says.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="clean",
        help="When to delete the job store at the end of the run. A failed run can be restarted if it is kept on "
        "errors: with never or onSuccess.",
        group=TITLE,
        metavar="STATE",
        choices=CLEAN_CHOICES,
        default_text="never with --stats, onSuccess without it",
    ),
    Option(
        name="cleanWorkDir",
        help="When to delete the temporary directory of a job at its end. Anything but always is for debugging, and "
        "can fill a disk.",
        group=TITLE,
        default="always",
        metavar="STATE",
        choices=CLEAN_CHOICES,
    ),
    Option(
        name="clusterStats",
        help="File, or directory for a file, to write the use of resources over time to, as JSON: of the machines of "
        "batch systems that start and stop machines, otherwise of the leader's machine.",
        group=TITLE,
        parse=values.path,
        metavar="FILEPATH",
        const=".",
    ),
    Option(
        name="restart",
        help="Continue the workflow in the job store, which must exist, from what has been completed in it.",
        group=TITLE,
        default=False,
        metavar=None,
        per_run=True,
    ),
    Option(
        name="config",
        help="YAML file with values for options that are given neither here nor in the environment; "
        "'toil config FILE' writes one to start from.",
        group=TITLE,
        parse=values.path,
        metavar="FILE",
        env="TOIL_CONFIG",
        per_run=True,
    ),
)
