"""Files in, by jobs: for inputs that are too many or too large for the leader's network (`--runImportsOnWorkers`).

    import_inputs(store, sources, *, link=True) -> {source: FileID}, or an ImportFiles job whose rv() is that

What is on this machine is imported at once all the same, since a link costs nothing and workers may not see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from toil_core.job_stores.urls import scheme_of
from toil_core.jobs.job import Job
from toil_core.languages.importing import check_sources, import_files

if TYPE_CHECKING:
    from toil_core.file_stores.abstract import AbstractFileStore
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.job_stores.file_ids import FileID

#: The requirements of jobs that do nothing but hand on values.
_LIGHT: dict[str, Any] = {"cores": 1, "memory": "100Mi", "disk": "1Mi"}


def import_inputs(
    store: AbstractJobStore, sources: Iterable[str], *, link: bool = True
) -> dict[str, FileID] | ImportFiles:
    """Import the inputs of a workflow, now, or for those that are elsewhere by jobs if the user wants that.

    :param sources: their URLs, or paths.
    :param link: whether files of this machine may be linked rather than copied.
    :raises InputsUnavailable: if some cannot be had; it tells all of them.
    :returns: for each source, as it was given, the ID of its file; or a job that returns that.
    """
    given = list(dict.fromkeys(sources))
    if store.config.runImportsOnWorkers and any(map(_is_elsewhere, given)):
        return import_job(store, given, link=link)
    return import_files(store, given, link=link)


def import_job(store: AbstractJobStore, sources: Iterable[str], *, link: bool = True) -> ImportFiles:
    """Return a job that returns, for each source, the ID of its file; jobs below it do the work in batches.

    :param sources: URLs, or paths.
    :param link: whether files of this machine may be linked rather than copied.
    :raises InputsUnavailable: if some cannot be had, before anything runs; it tells all of them.
    """
    given = list(dict.fromkeys(sources))
    sizes = check_sources(store, given)
    local = [source for source in given if not _is_elsewhere(source)]
    remote = {source: sizes[source] for source in given if _is_elsewhere(source)}
    imported = import_files(store, local, link=link)
    config = store.config
    batches = batches_of(remote, config.importWorkersBatchsize)
    return ImportFiles(imported, batches, config.importWorkersDisk)


def _is_elsewhere(source: str) -> bool:
    return scheme_of(source) not in ("", "file")


def batches_of(sizes: Mapping[str, int | None], most: int) -> list[list[str]]:
    """Return the sources in batches, in their order.

    :param sizes: the size of each in bytes; one whose size is not known is a batch by itself.
    :param most: how many bytes a batch has together, unless one file alone has more.
    """
    batches: list[list[str]] = []
    room = 0
    for source, size in sizes.items():
        if size is None or size > room or not batches:
            batches.append([])
            room = most
        batches[-1].append(source)
        room = 0 if size is None else room - size
    return batches


class ImportFiles(Job):
    """Imports files by jobs below it, and returns the ID of each.

    :param imported: the IDs of files that are there already.
    :param batches: what each job imports.
    :param disk: how many bytes of disk space each of them is given.
    """

    def __init__(self, imported: Mapping[str, FileID], batches: Sequence[Sequence[str]], disk: int) -> None:
        super().__init__(**_LIGHT, unitName="imports")
        self.imported = dict(imported)
        self.batches = batches
        self.batch_disk = disk

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Import what is left."""
        if not self.batches:
            return self.imported
        jobs = [self.addChild(ImportBatch(batch, self.batch_disk)) for batch in self.batches]
        return self.addFollowOn(GatherImports([self.imported, *(job.rv() for job in jobs)])).rv()


class ImportBatch(Job):
    """Imports some files, and returns the ID of each.

    :param sources: their URLs.
    :param disk: how many bytes of disk space it is given.
    """

    def __init__(self, sources: Sequence[str], disk: int) -> None:
        super().__init__(cores=1, disk=disk, unitName=f"{len(sources)} files")
        self.sources = list(sources)

    def run(self, fileStore: AbstractFileStore) -> dict[str, FileID]:
        """Import the files."""
        return import_files(fileStore.jobStore, self.sources, link=False)


class GatherImports(Job):
    """Returns as one what several jobs imported.

    :param parts: what each of them returned.
    """

    def __init__(self, parts: Sequence[Any]) -> None:
        super().__init__(**_LIGHT)
        self.parts = list(parts)

    def run(self, fileStore: AbstractFileStore) -> dict[str, FileID]:
        """Return the IDs of all files."""
        return dict(chain.from_iterable(part.items() for part in self.parts))
