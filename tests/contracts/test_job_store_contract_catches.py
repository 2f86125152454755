"""Clauses on job stores and storages notice a broken method; those on races are proved in `tests/job_stores`."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.job_stores import broken
from toil_core.job_stores.errors import JobStoreException
from toil_core.job_stores.file import FileJobStore as Store
from toil_core.job_stores.file import FileStorage as Kept
from toil_core.job_stores.storage import KeyAbsent, KeyStat
from toil_core.jobs.errors import JobException
from toil_core.options.config import Config
from toil_core.testing import JobStoreContract, StorageContract

NOTICED = (AssertionError, pytest.fail.Exception, JobException, JobStoreException, KeyAbsent, OSError)
Methods = Mapping[str, Any]


def says(value: object) -> Callable[..., Any]:
    """Return a method that always returns the same."""
    return lambda *_, **__: value


# Methods of job stores that each break something


@contextmanager
def _visible_at_once(self: Store, *_: Any, **settings: Any) -> Iterator[Any]:
    file_id = self.get_empty_file_store_id(basename=settings.get("basename"))
    with Store.update_file_stream(self, file_id) as stream:
        yield stream, file_id


@contextmanager
def _translating(self: Store, file_id: str, encoding: str | None = None, errors: str | None = None) -> Iterator[Any]:
    with Store.read_file_stream(self, file_id, encoding, errors) as stream:
        yield io.StringIO(stream.read().replace("\r\n", "\n")) if encoding else stream


def _ignoring_errors(self: Store, *arguments: Any, **settings: Any) -> Any:
    settings["errors"] = "ignore" if settings.get("encoding") else None
    return Store.write_file_stream(self, *arguments, **settings)


@contextmanager
def _whatever_happens(self: Store, file_id: str, **_: Any) -> Iterator[Any]:
    stream = io.BytesIO()
    try:
        yield stream
    finally:
        with Store.update_file_stream(self, file_id) as real:
            real.write(stream.getvalue())


@contextmanager
def _last_wins(self: Store, name: str, **_: Any) -> Iterator[Any]:
    stream = io.BytesIO()
    yield stream
    self.put_shared(name, stream.getvalue().decode())


def _keep_what_is_there(self: Store, file_id: str, path: str, **settings: Any) -> None:
    if not os.path.exists(path):
        Store.read_file(self, file_id, path, **settings)


def _lose_the_bit(self: Store, file_id: str, url: str) -> None:
    Store.export_file(self, file_id, url)
    os.chmod(url.removeprefix("file://"), 0o644)


def _give_away(self: Store, file_id: str, url: str) -> None:
    Store.export_file(self, file_id, url)
    self.delete_file(file_id)


def _take_over(self: Store, config: Config) -> None:
    self.destroy()
    Store.initialize(self, config)


def _only_once(self: Any) -> None:
    if not hasattr(self, "_is_written"):
        self._is_written = True
        Store.write_config(self)


def _mark_unread(self: Store, reader: Any, read_all: bool = False) -> int:
    try:
        return Store.read_logs(self, reader, read_all)
    except ZeroDivisionError:
        Store.read_logs(self, says(None))
        raise


#: For each clause, methods that break it; with the clause's further arguments.
STORES: dict[str, tuple[Methods, tuple[Any, ...]]] = {
    "a_job_lives_from_creation_to_deletion": ({"job_exists": says(True)}, ()),
    "jobs_that_never_were_do_not_exist": ({"job_exists": says(True)}, ()),
    "updates_reach_others": ({"update_job": says(None)}, ()),
    "hooks_are_called_before_writing": ({"update_job": says(None)}, (pytest.MonkeyPatch,)),
    "a_batch_is_written_when_it_ends": ({"jobs": lambda self: list(Store.jobs(self))[:-1]}, ()),
    "the_root_job_is_found_again": ({"root_job_id": says(None)}, ()),
    "the_root_jobs_value_is_kept": ({"get_root_job_return_value": says(None)}, ()),
    "segments_give_descriptions_and_bodies": ({"read_body": says(b"")}, ()),
    "large_segments_are_read_whole": (
        {"read_descriptions": lambda self, segment: Store.read_descriptions(self, segment)[:1000]},
        (),
    ),
    "records_are_read_in_bulk": ({"read_records": lambda self, ids: [None for _ in ids]}, ()),
    "a_done_job_exists_as_long_as_its_successors_do": ({"job_exists": says(True)}, ()),
    "jobs_added_by_a_record_are_successors": (
        {"jobs": lambda self: [job for job in Store.jobs(self) if job.jobName != "new"]},
        (),
    ),
    "failures_are_kept_by_attempt": ({"failures": lambda self, job: Store.failures(self, job)[::-1]}, ()),
    "files_may_be_called_anything": (
        {"write_file": lambda self, path, **_: self.get_empty_file_store_id()},
        (Path, "a%2Fb"),
    ),
    "a_read_file_replaces_what_is_there": ({"read_file": _keep_what_is_there}, (Path,)),
    "a_stream_becomes_a_file_when_its_block_ends": ({"write_file_stream": _visible_at_once}, ()),
    "text_comes_back_as_it_went": ({"read_file_stream": _translating}, ("utf-8",)),
    "errors_say_what_becomes_of_what_does_not_fit": ({"write_file_stream": _ignoring_errors}, ()),
    "files_that_never_were_do_not_exist": ({"file_exists": says(True)}, (Path,)),
    "an_empty_file_is_there_to_be_replaced": ({"get_file_size": says(0)}, (Path,)),
    "an_update_that_fails_changes_nothing": ({"update_file_stream": _whatever_happens}, ()),
    "files_may_belong_to_a_job_that_has_an_id_only": (
        {"get_empty_file_store_id": lambda self, job=None, **_: Store.get_empty_file_store_id(self)},
        (),
    ),
    "deleting_files_may_be_repeated": (
        {"delete_files": lambda self, ids: Store.delete_files(self, list(ids)[:1])},
        (),
    ),
    "public_urls_lead_to_the_content": ({"get_public_url": says("file:///dev/null")}, ()),
    "shared_files_have_names": ({"read_shared_file_stream": lambda *_, **__: nullcontext(io.StringIO("first"))}, ()),
    "other_names_are_refused": ({"write_shared_file_stream": lambda *_, **__: nullcontext(io.BytesIO())}, ("a/b",)),
    "two_writers_of_a_shared_file_are_noticed": ({"write_shared_file_stream": _last_wins}, ()),
    "a_file_goes_in_and_out": ({"export_file": _lose_the_bit}, (Path,)),
    "an_import_may_become_a_shared_file": (
        {"import_file": lambda self, url, name=None, **_: Store.import_file(self, url)},
        (Path,),
    ),
    "what_cannot_be_imported_is_explained": ({"import_file": says(None)}, (Path,)),
    "moved_exports_stay_readable": ({"export_file": _give_away}, (Path,)),
    "urls_can_be_asked_about": ({"get_size": says(None)}, (Path,)),
    "initialize_gives_the_workflow_an_id_and_keeps_the_configuration": (
        {"initialize": lambda self, config: Store.initialize(self, Config())},
        (),
    ),
    "initialize_refuses_what_exists": ({"initialize": _take_over}, ()),
    "write_config_reaches_others": ({"write_config": _only_once}, ()),
    "resume_refuses_what_does_not_exist": ({"resume": says(None)}, ()),
    "resume_refuses_what_was_cut_off": ({"resume": says(None)}, ()),
    "resume_refuses_another_version": ({"resume": says(None)}, (b"[]",)),
    "destroy_may_be_repeated_and_needs_no_opening": ({"destroy": says(None)}, ()),
    "facts_for_workers": ({"get_env": says({"PATH": 1})}, ()),
    "logs_are_read_once_unless_asked_again": (
        {"read_logs": lambda self, reader, read_all=False: Store.read_logs(self, reader, True)},
        (),
    ),
    "a_log_whose_reader_fails_stays_unread": ({"read_logs": _mark_unread}, ()),
    "the_leader_can_be_found_and_stopped": ({"read_kill_flag": says(False)}, ()),
    "older_names_do_the_same": ({"fileExists": says(False)}, (Path,)),
    "what_a_killed_writer_left_is_cleaned": ({"file_exists": says(True)}, ()),
}
#: Clauses that make the job store themselves.
FROM_NOTHING = {
    "initialize_gives_the_workflow_an_id_and_keeps_the_configuration",
    "resume_refuses_what_does_not_exist",
    "resume_refuses_what_was_cut_off",
}


@pytest.mark.parametrize("clause", STORES)
def test_a_broken_method_of_a_job_store_is_noticed(
    clause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    methods, more = STORES[clause]
    store = type("Broken", (Store,), dict(methods))(str(tmp_path / "store"))
    if clause not in FROM_NOTHING:
        Store.initialize(store, Config())
    given: dict[type, object] = {pytest.MonkeyPatch: monkeypatch, Path: tmp_path / "files"}
    (tmp_path / "files").mkdir()
    arguments = [given.get(one, one) if isinstance(one, type) else one for one in more]
    with pytest.raises(NOTICED):
        getattr(JobStoreContract(), f"test_{clause}")(store, *arguments)


# Methods of storages


def _link(self: Kept, key: str, path: str, link: bool = False) -> bool:
    target = os.path.join(self.name, key)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.link(path, target)
    return True


def _nothing_for_absent(self: Kept, key: str, start: int = 0, length: int | None = None) -> bytes:
    try:
        return Kept.read(self, key, start, length)
    except KeyAbsent:
        return b""


def _remembering(self: Any, keys: Iterable[str]) -> None:
    self._gone = set(keys)
    Kept.delete(self, self._gone)


def _put_unless_gone(self: Any, key: str, value: bytes, *, if_absent: bool = False) -> bool:
    return key not in getattr(self, "_gone", ()) and Kept.put(self, key, value, if_absent=if_absent)


STORAGES: dict[str, tuple[Methods, tuple[Any, ...]]] = {
    "a_local_file_is_stored_as_it_is": ({"put_file": _link}, (Path,)),
    "a_local_path_leads_to_the_value": ({"local_path": says("/dev/null")}, ()),
    "absent_keys_are_named": ({"read": _nothing_for_absent}, ()),
    "destroy_deletes_everything_and_can_be_repeated": ({"destroy": says(None)}, ()),
    "open_refuses_what_does_not_exist": ({"open": says(None)}, ()),
    "put_and_read_agree": ({"read": lambda self, key: Kept.read(self, key)[:-1]}, (b"x",)),
    "put_if_absent_succeeds_after_delete": ({"delete": _remembering, "put": _put_unless_gone}, ()),
    "put_replaces": ({"put": lambda self, key, value: Kept.put(self, key, value, if_absent=True) or True}, ()),
    "read_many_keeps_the_order": ({"read_many": lambda self, keys: list(Kept.read_many(self, keys))[::-1]}, ()),
    "stat_knows_the_age": ({"stat": lambda self, key: KeyStat(Kept.stat(self, key).size, 0.0)}, ()),
    "the_environment_is_of_strings": ({"environment": says({"PATH": 1})}, ()),
    "what_is_put_is_there_for_others": ({"put": says(True)}, ()),
}


@pytest.mark.parametrize("clause", STORAGES)
def test_a_broken_method_of_a_storage_is_noticed(clause: str, tmp_path: Path) -> None:
    methods, more = STORAGES[clause]
    storage = type("Broken", (Kept,), dict(methods))(str(tmp_path / "store"))
    if clause != "open_refuses_what_does_not_exist":
        storage.create()
    with pytest.raises(NOTICED):
        getattr(StorageContract(), f"test_{clause}")(storage, *(tmp_path if one is Path else one for one in more))


def test_a_container_that_many_can_create_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(NOTICED):
        StorageContract().test_only_one_of_many_creates_wins(broken.CreatesAgain(str(tmp_path / "store")))
