"""In what Torque, PBS Pro and those who imitate them differ."""

from __future__ import annotations

from typing import NamedTuple


class Flavour(NamedTuple):
    """One kind of PBS.

    :ivar title: what people call it.
    :ivar array_index: what in a shell gives the index of an array's task; empty where arrays cannot be used.
    :ivar array_flag: what comes before the range of an array's indices.
    :ivar show: the arguments with which `qstat` shows single tasks, also those that are over.
    :ivar file_id: what stands for a task's ID in the names of its files.
    :ivar adds_index: whether the index of an array's task is added to the names of its files.
    :ivar selects: whether cores are asked for with `select`.
    :ivar ends_with_e: whether the state E means that a job is over, not that it is about to be.
    :ivar tells_exit: whether `qstat` shows how a job ended.
    """

    title: str
    array_index: str = ""
    array_flag: str = ""
    show: tuple[str, ...] = ("-f",)
    file_id: str = "$PBS_JOBID"
    adds_index: bool = False
    selects: bool = False
    ends_with_e: bool = False
    tells_exit: bool = True


TORQUE = Flavour("Torque", "$PBS_ARRAYID", "-t", ("-f", "-t"), adds_index=True)
PBS_PRO = Flavour("PBS", "$PBS_ARRAY_INDEX", "-J", ("-f", "-t", "-x"), "^array_index^", selects=True)
#: Slurm's `qsub` and `qstat`: arrays are handed over, but it is not told which job is which of their tasks.
SLURM = Flavour("Torque", file_id="%A", ends_with_e=True, tells_exit=False)


def flavour_of(version: str, failed: bool) -> Flavour:
    """Return the flavour that what `qstat --version` said is typical of.

    :param failed: whether that failed.
    """
    if failed and "Unknown option" in version:
        return SLURM
    return PBS_PRO if "pbs_version" in version.lower() else TORQUE
