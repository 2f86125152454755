"""What a job is given when it does not say what it needs, and how much a workflow may use at once."""

from __future__ import annotations

import sys

from toil_core.options import values
from toil_core.options.option import Option
from toil_core.units import human2bytes

TITLE = "Resource Options"
ABOUT = (
    "Requirements of jobs that state none, and limits on what all jobs together use. Sizes take K, Ki, M, Mi, G, Gi."
)

OPTIONS = (
    Option(
        name="defaultMemory",
        help="Memory for a job that does not say how much it needs.",
        group=TITLE,
        default=human2bytes("2.0Gi"),
        parse=values.size,
        metavar="INT",
        default_text="2Gi",
    ),
    Option(
        name="defaultCores",
        help="Cores for a job that does not say how many it needs; fractions such as 0.1 work where the batch system "
        "knows them, as the single machine does.",
        group=TITLE,
        default=1,
        parse=values.cores,
        metavar="FLOAT",
        default_text="1.0",
    ),
    Option(
        name="defaultDisk",
        help="Disk space for a job that does not say how much it needs.",
        group=TITLE,
        default=human2bytes("2.0Gi"),
        parse=values.size,
        metavar="INT",
        default_text="2Gi",
    ),
    Option(
        name="defaultAccelerators",
        help="Accelerators for a job that does not say which it needs: a count, a type (gpu, nvidia, amd, cuda, rocm, "
        "opencl, or a model such as nvidia-tesla-k80), or TYPE:COUNT, separated by commas.",
        group=TITLE,
        default=[],
        parse=values.accelerators,
        metavar="ACCELERATOR",
        default_text="none",
    ),
    Option(
        name="defaultPreemptible",
        help="Whether jobs that do not say so may run on nodes that can be taken away.",
        group=TITLE,
        default=False,
        parse=values.flag,
        metavar="BOOL",
        flags=("--defaultPreemptible", "--defaultPreemptable"),
        const=True,
        aliases=("defaultPreemptable",),
    ),
    Option(
        name="defaultWallTime",
        help="Time that a job may run which does not say how long it takes: seconds, or such as 90m, 2h or 1:30:00. "
        "A job that runs longer is ended; with 0, none is.",
        group=TITLE,
        default=0.0,
        parse=values.seconds,
        metavar="TIME",
        default_text="no limit",
    ),
    *(
        Option(
            name=name,
            help=f"The most {what} to ask the batch system for at any one time.",
            group=TITLE,
            default=sys.maxsize,
            parse=parse,
            metavar="INT",
            default_text="no limit",
        )
        for name, what, parse in (
            ("maxCores", "cores", values.cores),
            ("maxMemory", "memory", values.size),
            ("maxDisk", "disk space", values.size),
        )
    ),
)
