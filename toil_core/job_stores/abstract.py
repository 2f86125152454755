"""`AbstractJobStore`: the documented job store, whole, on top of any `Storage`.

A kind of job store is a subclass that names its `scheme` and its `storage_type`; nothing else has to be written, and
everything may be overridden. What the job store does is in its parts:

`base`: locator, configuration, making, opening and deleting; `engine`: what jobs leave for the engine; `jobs_api`,
`job_view` and `cleaning`: jobs; `files_api`, `shared_files` and `importing`: files; `logs`, `statistics`,
`leader_marks` and `service_marks`.
"""

from __future__ import annotations

from typing import Any

from toil_core.job_stores.logs import LogStore
from toil_core.job_stores.older_names import OlderNames
from toil_core.job_stores.service_marks import ServiceMarks
from toil_core.job_stores.statistics import StatisticsStore


class AbstractJobStore(OlderNames, LogStore, ServiceMarks, StatisticsStore):
    """The place where a workflow's jobs and files are.

    It can be used after `initialize` or `resume`; `destroy` may be called without them.

    :param locator: where the job store is, with or without its scheme.
    :raises LocatorException: if that cannot be.
    """

    def get_root_job_return_value(self) -> Any:
        """Return what the workflow's first job returned.

        :raises JobException: if it was never set.
        :raises JobPromiseConstraintError: if it, or the job that it passed on the value of, has not returned yet.
        """
        from toil_core.jobs.errors import JobException
        from toil_core.jobs.promises import load_value

        root = self.root_job_id()
        if root is None:
            raise JobException(f"The workflow in '{self.locator}' has no root job: it was never started.")
        return load_value(self, root)

    def getRootJobReturnValue(self) -> Any:
        """See `get_root_job_return_value`."""
        return self.get_root_job_return_value()
