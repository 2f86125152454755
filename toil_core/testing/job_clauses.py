"""What a job store has to do with jobs, and with what the engine keeps of them."""

# ruff: noqa: PT012 - what fails is the end of a block, so the block has to have a body

from __future__ import annotations

import pytest

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.errors import (
    NoSuchFileException,
    NoSuchJobException,
)
from toil_core.jobs.description import JobDescription
from toil_core.jobs.errors import JobException
from toil_core.jobs.records import FailureReport, Record
from toil_core.jobs.segments import encode_segment, job_id
from toil_core.testing.store_clauses import StoreClauses, again, described


class JobClauses(StoreClauses):
    """Jobs, their records and what their attempts leave."""

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
        assert left.jobName == "left" and left.body is not None and left.body == found[1].body
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
