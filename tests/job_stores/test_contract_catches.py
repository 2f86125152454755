"""Clauses of the contracts notice a storage or a job store that is broken in just that clause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.job_stores import broken
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.storage import Storage
from toil_core.options.config import Config
from toil_core.testing.job_store import JobStoreContract
from toil_core.testing.storage import StorageContract

CONTRACT = StorageContract()
CLAUSES: list[tuple[type[Storage], Callable[[Storage], None]]] = [
    (broken.TornPut, CONTRACT.test_readers_see_whole_values),
    (broken.TornPut, CONTRACT.test_a_killed_put_is_whole_or_absent),
    (broken.IgnoresIfAbsent, CONTRACT.test_put_if_absent_keeps_what_is_there),
    (broken.ChecksThenPuts, CONTRACT.test_put_if_absent_is_won_by_one),
    (broken.StreamsInPlace, CONTRACT.test_a_stream_is_stored_when_its_block_ends),
    (broken.StreamsInPlace, CONTRACT.test_a_stream_whose_block_fails_changes_nothing),
    (broken.StreamsInPlace, CONTRACT.test_a_killed_stream_leaves_nothing_to_see),
    (broken.ForgetsNothing, CONTRACT.test_delete_passes_over_what_is_absent),
    (broken.ListsWholeParts, CONTRACT.test_list_finds_all_that_start_with_the_prefix),
    (broken.ReadsToTheEnd, lambda storage: CONTRACT.test_ranges_are_cut_where_the_value_ends(storage, 3, 4, b"3456")),
    (broken.CreatesAgain, CONTRACT.test_create_refuses_what_exists),
    (broken.DiscardsAll, CONTRACT.test_what_live_processes_write_is_not_discarded),
    (broken.Escapes, lambda storage: CONTRACT.test_keys_that_are_none_are_refused(storage, "../b")),
]


@pytest.mark.parametrize(
    ("kind", "clause"), CLAUSES, ids=[f"{kind.__name__}-{number}" for number, (kind, _) in enumerate(CLAUSES)]
)
def test_a_broken_clause_is_noticed(kind: type[Storage], clause: Callable[[Storage], None], tmp_path: Path) -> None:
    storage = kind(str(tmp_path / "container"))
    storage.create()
    storage.open()
    with pytest.raises((AssertionError, OSError, pytest.fail.Exception)):
        clause(storage)


STORES = JobStoreContract()
STORE_CLAUSES: list[tuple[type[AbstractJobStore], Callable[[AbstractJobStore, Path], None]]] = [
    (broken.CommitsTwice, lambda store, _: STORES.test_one_attempt_commits(store)),
    (broken.BatchesNothing, lambda store, _: STORES.test_a_batch_that_fails_writes_nothing(store)),
    (broken.LosesExecutableBit, STORES.test_a_file_keeps_its_content_name_and_executable_bit),
    (broken.KeepsCleanupFiles, lambda store, _: STORES.test_files_go_with_their_job_if_asked(store)),
    (broken.LinksToChangingFiles, STORES.test_a_file_keeps_its_content_name_and_executable_bit),
    (broken.LastUpdateWins, lambda store, _: STORES.test_two_updates_at_once_are_noticed(store)),
    (broken.CleansNothing, lambda store, _: STORES.test_clean_keeps_what_counts_and_deletes_the_rest(store)),
]


@pytest.mark.parametrize(("kind", "clause"), STORE_CLAUSES, ids=[kind.__name__ for kind, _ in STORE_CLAUSES])
def test_a_broken_job_store_is_noticed(
    kind: type[AbstractJobStore], clause: Callable[[AbstractJobStore, Path], None], tmp_path: Path
) -> None:
    store = kind(str(tmp_path / "store"))
    store.initialize(Config())
    files = tmp_path / "files"
    files.mkdir()
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        clause(store, files)
