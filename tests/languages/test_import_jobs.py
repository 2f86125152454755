"""Inputs that jobs import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.languages.conftest import Web
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.file import FileJobStore
from toil_core.jobs.job import Job
from toil_core.languages.errors import InputsUnavailable
from toil_core.languages.import_jobs import ImportFiles, batches_of, import_inputs, import_job
from toil_core.workflow import Toil


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({}, []),
        ({"a": 6, "b": 4, "c": 1}, [["a", "b"], ["c"]]),
        ({"a": 20, "b": 4, "c": None, "d": 1, "e": 0}, [["a"], ["b"], ["c"], ["d", "e"]]),
    ],
)
def test_batches_have_at_most_so_many_bytes(sizes: dict[str, int | None], expected: list[list[str]]) -> None:
    assert batches_of(sizes, 10) == expected


def _texts(job: Job, imported: dict[str, str]) -> dict[str, str]:
    texts = {}
    for source, file_id in imported.items():
        with job.fileStore.readGlobalFileStream(file_id) as stream:
            texts[source] = stream.read().decode()
    return texts


def test_jobs_import_what_is_elsewhere_in_batches(web: Web, tmp_path: Path) -> None:
    for number in range(4):
        (web.directory / str(number)).write_text(str(number) * 6)
    (tmp_path / "near").write_text("near")
    own = ["--runImportsOnWorkers", "--importWorkersBatchsize", "12", "--importWorkersDisk", "3Mi"]
    options = Job.Runner.getDefaultArgumentParser().parse_args([str(tmp_path / "jobs"), *own])
    sources = [f"{web.url}/{number}" for number in range(4)] + [str(tmp_path / "near")]
    with Toil(options) as toil:
        imports = import_inputs(_store_of(toil), sources)
        assert isinstance(imports, ImportFiles)
        assert [len(batch) for batch in imports.batches] == [2, 2]
        assert imports.batch_disk == 3 << 20
        assert web.fetched == {}
        texts = toil.start(Job.wrapJobFn(_imported_and_read, imports))
    assert texts == dict(zip(sources, ["000000", "111111", "222222", "333333", "near"], strict=True))
    assert set(web.fetched.values()) == {1}


def _store_of(toil: Toil) -> AbstractJobStore:
    assert toil._job_store is not None
    return toil._job_store


def _imported_and_read(job: Job, imports: Job) -> Any:
    job.addChild(imports)
    return job.addFollowOnJobFn(_texts, imports.rv()).rv()


def test_what_is_missing_is_told_before_any_job_runs(web: Web, tmp_path: Path) -> None:
    options = Job.Runner.getDefaultOptions(str(tmp_path / "jobs"))
    with Toil(options) as toil:
        with pytest.raises(InputsUnavailable, match="2 input files cannot be had"):
            import_job(_store_of(toil), [f"{web.url}/a", "/nosuch"])
        toil.start(Job())


@pytest.mark.parametrize(("on_workers", "path"), [(False, "0"), (True, "near")])
def test_the_leader_imports_what_is_here_and_everything_unless_it_is_told_otherwise(
    on_workers: bool, path: str, store: FileJobStore, web: Web, tmp_path: Path
) -> None:
    (web.directory / "0").write_text("")
    (tmp_path / "near").write_text("")
    store.config.runImportsOnWorkers = on_workers
    source = {"0": f"{web.url}/0", "near": str(tmp_path / "near")}[path]
    found = import_inputs(store, [source])
    assert isinstance(found, dict)
    assert store.file_exists(found[source])
