"""What was handed to the scheduler, written down so that a restarted leader can find it again.

Before a submission its jobs are noted, and after it the ID that the scheduler gave it. A leader that dies between the
two leaves a note without an ID, and the scheduler is asked for it by the submission's name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from toil_core.batch_systems.notes import Notebook

#: What the names of notes about submissions begin with; the name of the batch system follows.
SUBMISSIONS = "submissions/"


class Entry(NamedTuple):
    """A submission.

    :ivar name: its unique name.
    :ivar submission: the scheduler's ID for it; empty if that is not known.
    :ivar tasks: for each task, the job store's IDs of its jobs.
    """

    name: str
    submission: str
    tasks: Sequence[Sequence[str]]


class Journal:
    """The notes about submissions.

    :param notebook: where they are kept.
    :param scheduler: the batch system whose submissions they are about; a workflow may go on with another one.
    """

    def __init__(self, notebook: Notebook, scheduler: str) -> None:
        self._notebook = notebook
        self._prefix = f"{SUBMISSIONS}{scheduler}/"

    def write(self, entry: Entry) -> None:
        """Note a submission, or what has become known of it."""
        self._notebook.write(self._prefix + entry.name, json.dumps([entry.submission, entry.tasks]))

    def entries(self) -> list[Entry]:
        """Return all submissions that were noted."""
        found = []
        for note in self._notebook.names(self._prefix):
            text = self._notebook.read(note)
            if text is not None:
                submission, tasks = json.loads(text)
                found.append(Entry(note.removeprefix(self._prefix), submission, tasks))
        return found

    def forget(self, names: Iterable[str]) -> None:
        """Forget submissions that are over."""
        self._notebook.delete(self._prefix + name for name in names)

    def return_key(self, name: str, index: int) -> str:
        """Return where a worker notes which jobs of a bundle it gives back.

        :param name: the submission.
        :param index: which of its tasks.
        """
        return self._notebook.key(f"returned/{name}.{index}")

    def returned(self, name: str, index: int) -> list[str] | None:
        """Return the IDs of the jobs that the worker of a bundle has given back, or None if it has given none back."""
        text = self._notebook.read(f"returned/{name}.{index}")
        return None if text is None else [str(job) for job in json.loads(text)]
