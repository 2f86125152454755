"""The files that hold what batch jobs print outside Toil's own capture, under their documented names."""

from __future__ import annotations

import os


def output_file(directory: str, job: str, batch_system: str, batch_id: str, what: str) -> str:
    """Return the path of the file for one stream of one batch job.

    :param directory: the workflow's directory within the work directory.
    :param job: the job's ID in the job store.
    :param batch_system: the name of the batch system.
    :param batch_id: the job's ID in the batch system.
    :param what: `std_output`, `std_error`, or what else a batch system writes.
    """
    name = f"toil_job_{job}_batch_{batch_system}_{batch_id}_{what}.log"
    return os.path.join(directory, name.replace(os.sep, "-"))
