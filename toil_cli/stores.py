"""Job stores as the commands see them: opening one that exists."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from toil_core.errors import UserError

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore


def open_job_store(locator: str) -> AbstractJobStore:
    """Open the job store of a workflow.

    :raises UserError: if there is none.
    """
    from toil_core.job_stores.errors import NoSuchJobStoreException
    from toil_core.job_stores.opening import job_store_for

    job_store = job_store_for(locator)
    try:
        job_store.resume()
    except NoSuchJobStoreException as error:
        check_not_something_else(job_store, locator)
        raise UserError(
            f"There is no job store '{locator}'.",
            "Check its name. A workflow that succeeds deletes its job store, unless it runs with --clean=never.",
        ) from error
    return job_store


def check_not_something_else(job_store: AbstractJobStore, locator: str) -> None:
    """Refuse to take a file or directory of the user's for a job store that is not there.

    :raises UserError: if there is one where the job store would be.
    """
    if job_store.scheme == "file" and os.path.lexists(job_store.storage.name):
        raise UserError(f"'{locator}' is not a job store.", "Check its name; it was left as it is.")
