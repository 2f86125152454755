"""`JobStoreContract`: the documented job store, method by method, for any subclass of `AbstractJobStore`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.errors import (
    IncompatibleJobStoreException,
    JobStoreExistsException,
    NoSuchFileException,
    NoSuchJobStoreException,
)
from toil_core.options.config import Config
from toil_core.testing import racing
from toil_core.testing.file_clauses import FileClauses
from toil_core.testing.job_clauses import JobClauses
from toil_core.testing.store_clauses import again, described


class JobStoreContract(JobClauses, FileClauses):
    """Derive a class whose name starts with `Test` and override the fixture `job_store`."""

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
