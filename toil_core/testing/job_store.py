"""`JobStoreContract`: the documented job store, method by method, for any subclass of `AbstractJobStore`."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.errors import (
    ConcurrentFileModificationException,
    IncompatibleJobStoreException,
    JobStoreExistsException,
    NoSuchFileException,
    NoSuchJobException,
    NoSuchJobStoreException,
    NoSuchUrlException,
    UrlIsDirectoryException,
)
from toil_core.job_stores.file_ids import FileID
from toil_core.jobs.description import JobDescription
from toil_core.jobs.errors import JobException
from toil_core.jobs.records import FailureReport, Record
from toil_core.jobs.segments import encode_segment, job_id
from toil_core.options.config import Config
from toil_core.testing import racing


def described(name: str = "job") -> JobDescription:
    """Return a description that no job store knows yet."""
    return JobDescription({"memory": 1 << 20, "cores": 1, "disk": 1 << 20}, name)


def again(store: AbstractJobStore) -> AbstractJobStore:
    """Return another object for the same job store, as another process has it."""
    other = type(store)(store.locator)
    other.resume()
    return other


class JobStoreContract:
    """Derive a class whose name starts with `Test` and override `job_store`."""

    @pytest.fixture
    def job_store(self) -> AbstractJobStore:
        """Return a job store that does not exist yet. Yield it instead to clean up afterwards."""
        raise NotImplementedError("override the fixture 'job_store'")

    @pytest.fixture
    def store(self, job_store: AbstractJobStore) -> AbstractJobStore:
        """Return the job store, initialized."""
        job_store.initialize(Config())
        return job_store

    @pytest.fixture(autouse=True)
    def _destroyed(self, job_store: AbstractJobStore) -> object:
        yield
        job_store.destroy()

    def created(self, store: AbstractJobStore, name: str = "job") -> JobDescription:
        """Create a job in the job store."""
        description = described(name)
        store.assign_job_id(description)
        return store.create_job(description)

    def fan_out(self, store: AbstractJobStore) -> list[str]:
        """Write a root with two children and a follow-on, as the engine does; return their IDs."""
        segment = store.new_segment()
        jobs = [described(name) for name in ("root", "left", "right", "after")]
        ids = [job_id(segment, index) for index in range(4)]
        for job, own in zip(jobs, ids, strict=True):
            job.jobStoreID = own
        jobs[0].childIDs, jobs[0].followOnIDs = list(ids[1:3]), list(ids[3:])
        store.put_segment(segment, encode_segment(jobs, [b"body of " + job.jobName.encode() for job in jobs]))
        store.set_root_job(ids[0])
        return ids

    # Making, opening, deleting

    def test_initialize_gives_the_workflow_an_id_and_keeps_the_configuration(self, job_store: AbstractJobStore) -> None:
        config = Config()
        config.retryCount = 7
        job_store.initialize(config)
        assert config.workflowID and config.jobStore == job_store.locator
        found = again(job_store).config
        assert (found.workflowID, found.retryCount) == (config.workflowID, 7)

    def test_initialize_refuses_what_exists(self, store: AbstractJobStore) -> None:
        with pytest.raises(JobStoreExistsException):
            type(store)(store.locator).initialize(Config())
        assert again(store).config.workflowID == store.config.workflowID

    def test_write_config_reaches_others(self, store: AbstractJobStore) -> None:
        store.config.workflowAttemptNumber = 4
        store.write_config()
        assert again(store).config.workflowAttemptNumber == 4

    def test_resume_refuses_what_does_not_exist(self, job_store: AbstractJobStore) -> None:
        with pytest.raises(NoSuchJobStoreException):
            job_store.resume()

    def test_resume_refuses_what_was_cut_off(self, job_store: AbstractJobStore) -> None:
        job_store.storage.create()
        with pytest.raises(IncompatibleJobStoreException):
            job_store.resume()

    @pytest.mark.parametrize("content", [b'{"format": 0, "config": {}}', b"\x80 not JSON", b"[]"])
    def test_resume_refuses_another_version(self, store: AbstractJobStore, content: bytes) -> None:
        store.storage.put("config.json", content)
        with pytest.raises(IncompatibleJobStoreException):
            again(store)

    def test_destroy_may_be_repeated_and_needs_no_opening(self, store: AbstractJobStore) -> None:
        stranger = type(store)(store.locator)
        stranger.destroy()
        stranger.destroy()
        with pytest.raises(NoSuchJobStoreException):
            stranger.resume()

    def test_facts_for_workers(self, store: AbstractJobStore) -> None:
        assert all(isinstance(one, str) for item in store.get_env().items() for one in item)
        assert isinstance(store.default_caching(), bool)

    # Jobs

    def test_a_job_lives_from_creation_to_deletion(self, store: AbstractJobStore) -> None:
        job = self.created(store, "first")
        own = str(job.jobStoreID)
        found = again(store).load_job(own)
        assert (found.jobName, found.memory, str(found.jobStoreID)) == ("first", 1 << 20, own)
        assert store.job_exists(own) and [str(one.jobStoreID) for one in store.jobs()] == [own]
        store.delete_job(own)
        store.delete_job(own)
        assert not store.job_exists(own) and list(store.jobs()) == []
        with pytest.raises(NoSuchJobException):
            store.load_job(own)
        with pytest.raises(NoSuchJobException):
            store.update_job(job)

    def test_jobs_that_never_were_do_not_exist(self, store: AbstractJobStore) -> None:
        for own in (job_id(store.new_segment(), 0), "nonsense", "", "../x-1"):
            assert not store.job_exists(own)
            store.delete_job(own)
            with pytest.raises(NoSuchJobException):
                store.load_job(own)

    def test_updates_reach_others(self, store: AbstractJobStore) -> None:
        parent, child = self.created(store, "parent"), self.created(store, "child")
        parent.addChild(str(child.jobStoreID))
        parent.remainingTryCount = 3
        store.update_job(parent)
        found = again(store).load_job(str(parent.jobStoreID))
        assert found.childIDs == [child.jobStoreID] and found.remainingTryCount == 3

    def test_hooks_are_called_before_writing(self, store: AbstractJobStore, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[str] = []
        monkeypatch.setattr(JobDescription, "pre_update_hook", lambda job: calls.append(job.jobName))
        job = self.created(store, "hooked")
        store.update_job(job)
        assert calls == ["hooked", "hooked"]

    def test_a_batch_is_written_when_it_ends(self, store: AbstractJobStore) -> None:
        with store.batch():
            jobs = [self.created(store, f"job{number}") for number in range(5)]
            unused = described("unused")
            store.assign_job_id(unused)
            last = self.created(store, "last")
        names = {one.jobName for one in again(store).jobs()}
        assert names == {"job0", "job1", "job2", "job3", "job4", "last"}
        assert len({str(one.jobStoreID) for one in (*jobs, unused, last)}) == 7

    def test_a_batch_that_fails_writes_nothing(self, store: AbstractJobStore) -> None:
        with pytest.raises(RuntimeError), store.batch():
            self.created(store)
            raise RuntimeError
        assert list(store.jobs()) == []

    def test_the_root_job_is_found_again(self, store: AbstractJobStore) -> None:
        with pytest.raises(JobException):
            store.load_root_job()
        job = described("root")
        store.assign_job_id(job)
        store.create_root_job(job)
        other = again(store)
        assert other.load_root_job().jobStoreID == job.jobStoreID == other.root_job_id()
        store.delete_job(str(job.jobStoreID))
        with pytest.raises(JobException):
            other.load_root_job()

    def test_the_root_jobs_value_is_kept(self, store: AbstractJobStore) -> None:
        import pickle

        root = self.fan_out(store)[0]
        with pytest.raises(JobException):
            store.get_root_job_return_value()
        store.commit(root, Record(value_key=store.put_value(root, pickle.dumps({"answer": 42}))))
        assert again(store).get_root_job_return_value() == {"answer": 42}

    # What the engine keeps

    def test_segments_give_descriptions_and_bodies(self, store: AbstractJobStore) -> None:
        ids = self.fan_out(store)
        other = again(store)
        found = other.read_descriptions(ids[0].partition("-")[0])
        assert [(str(one.jobStoreID), one.jobName) for one in found] == list(
            zip(ids, ("root", "left", "right", "after"), strict=True)
        )
        left = other.read_description(ids[1])
        assert left.jobName == "left" and left.body == found[1].body is not None
        assert other.read_body(ids[1], left.body) == b"body of left"
        with pytest.raises(NoSuchJobException):
            other.read_description(ids[0].partition("-")[0] + "-4")

    def test_large_segments_are_read_whole(self, store: AbstractJobStore) -> None:
        segment = store.new_segment()
        jobs = [described(f"job number {number}") for number in range(3000)]
        for index, job in enumerate(jobs):
            job.jobStoreID = job_id(segment, index)
        store.put_segment(segment, encode_segment(jobs, [b"body"] * len(jobs)))
        assert [one.jobName for one in store.read_descriptions(segment)] == [job.jobName for job in jobs]

    def test_one_attempt_commits(self, store: AbstractJobStore) -> None:
        root = self.fan_out(store)[0]
        assert store.read_record(root) is None
        assert store.commit(root, Record(host="first")) is True
        assert again(store).commit(root, Record(host="second")) is False
        record = store.read_record(root)
        assert record is not None and record.host == "first"

    def test_records_are_read_in_bulk(self, store: AbstractJobStore) -> None:
        ids = self.fan_out(store)
        segment = ids[0].partition("-")[0]
        store.commit(ids[0], Record(host="a"))
        store.commit(ids[2], Record(host="c"))
        assert [record and record.host for record in store.read_records(ids)] == ["a", None, "c", None]
        assert {index: record.host for index, record in store.records_of(segment).items()} == {0: "a", 2: "c"}
        assert store.records_of(store.new_segment()) == {}

    def test_a_done_job_exists_as_long_as_its_successors_do(self, store: AbstractJobStore) -> None:
        root, left, right, after = self.fan_out(store)
        assert {str(job.jobStoreID) for job in store.jobs()} == {root, left, right, after}
        store.commit(root, Record())
        store.commit(left, Record())
        loaded = store.load_job(root)
        assert loaded.body is None and loaded.childIDs == [right] and loaded.followOnIDs == [after]
        assert not store.job_exists(left) and store.job_exists(root)
        for job in (right, after):
            store.commit(job, Record())
        assert list(store.jobs()) == [] and not store.job_exists(root)

    def test_jobs_added_by_a_record_are_successors(self, store: AbstractJobStore) -> None:
        root, left, right, after = self.fan_out(store)
        segment = store.new_segment()
        new = described("new")
        new.jobStoreID = job_id(segment, 0)
        store.put_segment(segment, encode_segment([new], [b"body"]))
        for job in (root, right, after):
            store.commit(job, Record())
        store.commit(left, Record(segment=segment, children=(0,)))
        assert {str(job.jobStoreID) for job in store.jobs()} == {root, left, job_id(segment, 0)}
        assert store.load_job(left).childIDs == [job_id(segment, 0)]

    def test_failures_are_kept_by_attempt(self, store: AbstractJobStore) -> None:
        root, left = self.fan_out(store)[:2]
        for attempt in (10, 2, 1):
            store.write_failure(FailureReport(root, attempt, f"error {attempt}", b"log %d" % attempt))
        assert [report.attempt for report in again(store).failures(root)] == [1, 2, 10]
        report = store.read_failure(root, 2)
        assert report is not None and report.error == "error 2"
        assert store.read_failure(root, 3) is None and store.failures(left) == []
        with store.open_failure_log(root) as log:
            assert log.read() == b"log 10"
        with pytest.raises(NoSuchFileException):
            store.open_failure_log(left)

    def test_clean_keeps_what_counts_and_deletes_the_rest(self, store: AbstractJobStore) -> None:
        root, left, right, after = self.fan_out(store)
        orphan = self.created(store, "orphan")
        kept_value, lost_value = store.put_value(root, b"kept"), store.put_value(left, b"lost")
        kept_file, lost_file = store.get_empty_file_store_id(root), store.get_empty_file_store_id(left)
        imported = store.get_empty_file_store_id()
        store.commit(root, Record(value_key=kept_value))
        store.write_failure(FailureReport(left, 1))
        tired = store.load_job(right)
        tired.remainingTryCount = 0
        store.update_job(tired)
        assert str(again(store).clean().jobStoreID) == root
        assert {str(job.jobStoreID) for job in store.jobs()} == {root, left, right, after}
        assert not store.job_exists(str(orphan.jobStoreID)) and store.failures(left) == []
        assert store.load_job(right).remainingTryCount == store.config.retryCount + 1
        assert store.read_value(kept_value) == b"kept" and store.read_record(root) is not None
        with pytest.raises(NoSuchFileException):
            store.read_value(lost_value)
        assert [store.file_exists(one) for one in (kept_file, lost_file, imported)] == [True, False, True]
        assert str(store.clean().jobStoreID) == root

    # Files

    def test_a_file_keeps_its_content_name_and_executable_bit(self, store: AbstractJobStore, tmp_path: Path) -> None:
        source = tmp_path / "run me.sh"
        source.write_bytes(b"#!/bin/sh\n")
        source.chmod(0o755)
        file_id = store.write_file(str(source))
        source.write_bytes(b"changed afterwards")
        assert (file_id.size, file_id.executable) == (10, True) and "run me.sh" in file_id
        for number, name in enumerate((file_id, str(file_id), FileID.unpack(file_id.pack()))):
            copy = tmp_path / f"copy{number}"
            again(store).read_file(name, str(copy))
            assert copy.read_bytes() == b"#!/bin/sh\n" and copy.stat().st_mode & stat.S_IXUSR

    @pytest.mark.parametrize("name", ["plain", ".hidden", "a%2Fb", "ünïcode ☃", "x" * 255, "é" * 127, "a\nb", "-", " "])
    def test_files_may_be_called_anything(self, store: AbstractJobStore, tmp_path: Path, name: str) -> None:
        source = tmp_path / name
        source.write_text(name)
        file_id = store.write_file(str(source))
        with store.read_file_stream(file_id, encoding="utf-8") as stream:
            assert stream.read() == name

    def test_a_read_file_replaces_what_is_there(self, store: AbstractJobStore, tmp_path: Path) -> None:
        with store.write_file_stream() as (stream, file_id):
            stream.write(b"content")
        target = tmp_path / "target"
        target.write_bytes(b"something else")
        for symlink in (False, True, False):
            store.read_file(file_id, str(target), symlink=symlink)
            assert target.read_bytes() == b"content" and os.listdir(tmp_path) == ["target"]

    def test_a_stream_becomes_a_file_when_its_block_ends(self, store: AbstractJobStore) -> None:
        with store.write_file_stream(basename="name.txt") as (stream, file_id):
            stream.write(b"content")
            assert not store.file_exists(file_id)
        assert file_id.size == store.get_file_size(file_id) == 7 and "name.txt" in file_id
        with pytest.raises(RuntimeError), store.write_file_stream() as (stream, failed):
            stream.write(b"content")
            raise RuntimeError
        assert not store.file_exists(failed)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
    def test_text_comes_back_as_it_went(self, store: AbstractJobStore, encoding: str) -> None:
        text = "two\r\nlines\nändérs"
        with store.write_file_stream(encoding=encoding) as (stream, file_id):
            stream.write(text)
        with store.read_file_stream(file_id, encoding=encoding) as stream:
            assert stream.read() == text
        with store.read_file_stream(file_id) as stream:
            assert stream.read() == text.encode(encoding)

    def test_errors_say_what_becomes_of_what_does_not_fit(self, store: AbstractJobStore) -> None:
        with store.write_file_stream(encoding="ascii", errors="replace") as (stream, file_id):
            stream.write("ä")
        with store.read_file_stream(file_id) as stream:
            assert stream.read() == b"?"
        with pytest.raises(UnicodeEncodeError), store.write_file_stream(encoding="ascii") as (stream, refused):
            stream.write("ä")
        assert not store.file_exists(refused)
        store.put_shared("latin", "")
        with store.write_shared_file_stream("latin") as stream:
            stream.write(b"\xff")
        with store.read_shared_file_stream("latin", encoding="utf-8", errors="ignore") as stream:
            assert stream.read() == ""

    def test_files_that_never_were_do_not_exist(self, store: AbstractJobStore, tmp_path: Path) -> None:
        for file_id in (store.new_file_id("x"), "nonsense", "", "config.json", "files/../config.json", "files/a/b/c"):
            assert not store.file_exists(file_id) and store.get_file_size(file_id) == 0
            store.delete_file(file_id)
            with pytest.raises(NoSuchFileException):
                store.read_file(file_id, str(tmp_path / "x"))
            with pytest.raises(NoSuchFileException), store.read_file_stream(file_id):
                pass
            with pytest.raises(NoSuchFileException):
                store.get_public_url(file_id)
            with pytest.raises(NoSuchFileException):
                store.update_file(file_id, __file__)
            with pytest.raises(NoSuchFileException), store.update_file_stream(file_id):
                pass
            with pytest.raises(NoSuchFileException):
                store.export_file(file_id, str(tmp_path / "x"))
        assert os.listdir(tmp_path) == [] and again(store).config.workflowID

    def test_an_empty_file_is_there_to_be_replaced(self, store: AbstractJobStore, tmp_path: Path) -> None:
        file_id = store.get_empty_file_store_id(basename="later.txt")
        assert store.file_exists(file_id) and store.get_file_size(file_id) == 0
        source = tmp_path / "source"
        source.write_bytes(b"by path")
        store.update_file(file_id, str(source))
        assert store.get_file_size(file_id) == 7
        with store.update_file_stream(file_id, encoding="utf-8") as stream:
            stream.write("by stream")
        with again(store).read_file_stream(file_id) as stream:
            assert stream.read() == b"by stream"

    def test_an_update_that_fails_changes_nothing(self, store: AbstractJobStore) -> None:
        with store.write_file_stream() as (stream, file_id):
            stream.write(b"old")
        with pytest.raises(RuntimeError), store.update_file_stream(file_id) as stream:
            stream.write(b"new and half")
            raise RuntimeError
        with store.read_file_stream(file_id) as stream:
            assert stream.read() == b"old"

    def test_two_updates_at_once_are_noticed(self, store: AbstractJobStore) -> None:
        file_id = store.get_empty_file_store_id()
        with pytest.raises(ConcurrentFileModificationException), store.update_file_stream(file_id) as stream:
            stream.write(b"mine")
            with again(store).update_file_stream(file_id) as other:
                other.write(b"theirs was faster")
        with store.read_file_stream(file_id) as stream:
            assert stream.read() == b"theirs was faster"

    def test_files_go_with_their_job_if_asked(self, store: AbstractJobStore) -> None:
        job = self.created(store)
        own = str(job.jobStoreID)
        kept, temporary = store.get_empty_file_store_id(own), store.get_empty_file_store_id(own, cleanup=True)
        elsewhere = store.get_empty_file_store_id(cleanup=True)
        store.delete_job(own)
        assert [store.file_exists(one) for one in (kept, temporary, elsewhere)] == [True, False, True]

    def test_files_may_belong_to_a_job_that_has_an_id_only(self, store: AbstractJobStore) -> None:
        job = described()
        store.assign_job_id(job)
        assert store.file_exists(store.get_empty_file_store_id(str(job.jobStoreID), cleanup=True))
        with pytest.raises(NoSuchJobException):
            store.get_empty_file_store_id("no job")

    def test_deleting_files_may_be_repeated(self, store: AbstractJobStore) -> None:
        ids = [store.get_empty_file_store_id() for _ in range(3)]
        store.delete_files([ids[0], "nonsense", ids[1]])
        store.delete_file(ids[0])
        assert [store.file_exists(one) for one in ids] == [False, False, True]

    def test_public_urls_lead_to_the_content(self, store: AbstractJobStore) -> None:
        from urllib.request import urlopen

        with store.write_file_stream(basename="a b?#%.txt") as (stream, file_id):
            stream.write(b"public")
        store.put_shared("name", "shared")
        for url, content in (
            (store.get_public_url(file_id), b"public"),
            (store.get_shared_public_url("name"), b"shared"),
        ):
            with urlopen(url) as answer:
                assert answer.read() == content
        with pytest.raises(NoSuchFileException):
            store.get_shared_public_url("none")

    # Shared files

    def test_shared_files_have_names(self, store: AbstractJobStore) -> None:
        with store.write_shared_file_stream("some.Name_1-x", encoding="utf-8") as stream:
            stream.write("first")
        with again(store).write_shared_file_stream("some.Name_1-x", encrypted=False) as stream:
            stream.write(b"second")
        with store.read_shared_file_stream("some.Name_1-x", encoding="utf-8") as stream:
            assert stream.read() == "second"
        with pytest.raises(NoSuchFileException), store.read_shared_file_stream("none"):
            pass

    @pytest.mark.parametrize("name", ["", "a/b", "../x", ".x", "a b", "ü", "x" * 300])
    def test_other_names_are_refused(self, store: AbstractJobStore, name: str) -> None:
        with pytest.raises(ValueError), store.write_shared_file_stream(name):
            pass

    def test_two_writers_of_a_shared_file_are_noticed(self, store: AbstractJobStore) -> None:
        with pytest.raises(ConcurrentFileModificationException), store.write_shared_file_stream("name") as stream:
            stream.write(b"mine")
            again(store).put_shared("name", "theirs")
        assert store.read_shared("name") == "theirs"

    # Imports and exports

    def test_a_file_goes_in_and_out(self, store: AbstractJobStore, tmp_path: Path) -> None:
        source, target = tmp_path / "a file.sh", tmp_path / "copy"
        source.write_bytes(b"content")
        source.chmod(0o700)
        for symlink, hardlink in ((False, False), (True, False), (False, True)):
            file_id = store.import_file(source.as_uri(), hardlink=hardlink, symlink=symlink)
            assert file_id is not None and (file_id.size, file_id.executable) == (7, True)
            assert store.get_file_size(file_id) == 7
            store.export_file(file_id, target.as_uri())
            assert target.read_bytes() == b"content" and os.access(target, os.X_OK | os.W_OK)
            store.read_file(file_id, str(tmp_path / "read"))
            assert (tmp_path / "read").read_bytes() == b"content"
            store.delete_file(file_id)
            assert not store.file_exists(file_id) and source.read_bytes() == b"content"

    def test_an_import_may_become_a_shared_file(self, store: AbstractJobStore, tmp_path: Path) -> None:
        (tmp_path / "source").write_bytes(b"content")
        assert store.import_file(str(tmp_path / "source"), "shared") is None
        assert store.read_shared("shared") == "content"

    def test_what_cannot_be_imported_is_explained(self, store: AbstractJobStore, tmp_path: Path) -> None:
        with pytest.raises(NoSuchUrlException):
            store.import_file((tmp_path / "none").as_uri())
        with pytest.raises(UrlIsDirectoryException):
            store.import_file(tmp_path.as_uri())

    def test_moved_exports_stay_readable(self, store: AbstractJobStore, tmp_path: Path) -> None:
        store.config.moveExports = True
        with store.write_file_stream() as (stream, file_id):
            stream.write(b"content")
        target = tmp_path / "target"
        for _ in range(2):
            store.export_file(file_id, str(target))
            assert target.read_bytes() == b"content" and os.access(target, os.W_OK) and not target.is_symlink()
            with store.read_file_stream(file_id) as stream:
                assert stream.read() == b"content"

    def test_urls_can_be_asked_about(self, store: AbstractJobStore, tmp_path: Path) -> None:
        (tmp_path / "dir").mkdir()
        (tmp_path / "a b").write_bytes(b"123")
        assert store.get_size((tmp_path / "a b").as_uri()) == 3
        assert store.get_size((tmp_path / "none").as_uri()) is None
        assert store.list_url(tmp_path.as_uri()) == ["a%20b", "dir/"]
        assert store.get_is_directory(tmp_path.as_uri() + "/") and not store.get_is_directory(str(tmp_path / "a b"))
        assert store.url_exists(str(tmp_path / "a b")) and not store.url_exists(str(tmp_path / "none"))
        with io.BytesIO() as target:
            assert store.read_from_url((tmp_path / "a b").as_uri(), target) == (3, False)
            assert target.getvalue() == b"123"

    # Logs and the leader's marks

    def test_logs_are_read_once_unless_asked_again(self, store: AbstractJobStore) -> None:
        seen: list[bytes] = []

        def note(stream: Any) -> None:
            seen.append(stream.read())

        store.write_logs("first")
        store.write_logs("zweite ä")
        assert again(store).read_logs(note) == 2 and seen == [b"first", "zweite ä".encode()]
        assert store.read_logs(note) == 0
        store.write_logs("third")
        assert store.read_logs(note) == 1 and seen[2:] == [b"third"]
        assert store.read_logs(note, read_all=True) == 3 and seen[3:] == seen[:3]

    def test_a_log_whose_reader_fails_stays_unread(self, store: AbstractJobStore) -> None:
        store.write_logs("message")
        with pytest.raises(ZeroDivisionError):
            store.read_logs(lambda stream: 1 / 0)
        assert store.read_logs(lambda stream: None) == 1

    def test_the_leader_can_be_found_and_stopped(self, store: AbstractJobStore) -> None:
        other = again(store)
        with pytest.raises(NoSuchFileException):
            other.read_leader_pid()
        with pytest.raises(NoSuchFileException):
            other.read_leader_node_id()
        store.write_leader_pid()
        store.write_leader_node_id()
        assert other.read_leader_pid() == os.getpid() and other.read_leader_node_id()
        assert other.read_kill_flag() is False
        other.write_kill_flag(True)
        assert store.read_kill_flag() is True
        store.write_kill_flag(False)
        assert other.read_kill_flag() is False

    # Older names

    def test_older_names_do_the_same(self, store: AbstractJobStore, tmp_path: Path) -> None:
        job = described()
        store.assignID(job)
        store.create(job)
        own = str(job.jobStoreID)
        assert store.exists(own) and store.load(own).jobName == "job"
        store.setRootJob(own)
        assert store.loadRootJob().jobStoreID == own
        store.update(job)
        (tmp_path / "file").write_bytes(b"content")
        file_id = store.writeFile(str(tmp_path / "file"), own, True)
        assert store.fileExists(file_id) and store.getFileSize(file_id) == 7
        with store.updateFileStream(file_id) as stream:
            stream.write(b"new")
        store.readFile(file_id, str(tmp_path / "copy"))
        store.exportFile(file_id, str(tmp_path / "exported"))
        assert (tmp_path / "copy").read_bytes() == (tmp_path / "exported").read_bytes() == b"new"
        imported = store.importFile(str(tmp_path / "file"))
        assert imported is not None
        store.deleteFile(imported)
        assert not store.fileExists(imported)
        store.delete(own)
        assert not store.exists(own) and not store.fileExists(file_id)

    # Crashes

    def test_what_a_killed_writer_left_is_cleaned(self, store: AbstractJobStore) -> None:
        if not store.storage.shared_between_processes:
            pytest.skip("this job store ends with its process")
        self.fan_out(store)
        file_id = store.new_file_id("half.bam")
        with racing.doomed(store.storage, "half_write", str(file_id)):
            assert not again(store).file_exists(file_id)
        assert not store.file_exists(file_id)
        store.clean()
        assert len(list(again(store).jobs())) == 4
