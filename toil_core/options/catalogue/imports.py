"""Where the inputs of workflows in languages of their own are imported."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option
from toil_core.units import human2bytes

TITLE = "File Import Options"
ABOUT = "Where the inputs of CWL and WDL workflows are imported: by the leader, or by jobs."

OPTIONS = (
    Option(
        name="runImportsOnWorkers",
        help="Import input files that are not on this machine in jobs rather than in the leader's process; workers "
        "then need to reach them.",
        group=TITLE,
        default=False,
        metavar=None,
        flags=("--runImportsOnWorkers", "--run-imports-on-workers"),
    ),
    Option(
        name="importWorkersBatchsize",
        help="How many bytes of input files a job of --runImportsOnWorkers imports; a larger file has a job of its "
        "own.",
        group=TITLE,
        default=human2bytes("1Gi"),
        parse=values.size,
        metavar="INT",
        flags=("--importWorkersBatchsize", "--importWorkersBatchSize", "--import-workers-batchsize"),
        default_text="1Gi",
    ),
    Option(
        name="importWorkersDisk",
        help="Disk space for each job of --runImportsOnWorkers. Files go straight to the job store, so that the space "
        "is needed only where that keeps them on the worker's disk on the way.",
        group=TITLE,
        default=human2bytes("1Mi"),
        parse=values.size,
        metavar="INT",
        flags=("--importWorkersDisk", "--import-workers-disk"),
        default_text="1Mi",
    ),
)
