"""`StorageContract`: what a `Storage` has to do for a job store on it to lose nothing."""

# ruff: noqa: PT012 - what fails is the end of a block, so the block has to have a body

from __future__ import annotations

import time
from pathlib import Path

import pytest

from toil_core.job_stores.storage import KeyAbsent, Storage
from toil_core.testing import racing

_RACERS = 4
_BAD_KEYS = ("", "/etc/passwd", "a/../../b", "../b", "a//b", "a/", "a/./b", ".hidden", "a\0b")


class StorageContract:
    """Derive a class whose name starts with `Test` and override `storage`."""

    @pytest.fixture
    def storage(self) -> Storage:
        """Return a storage whose container does not exist yet. Yield it instead to clean up afterwards."""
        raise NotImplementedError("override the fixture 'storage'")

    @pytest.fixture
    def opened(self, storage: Storage) -> Storage:
        """Return the storage with its container made."""
        storage.create()
        storage.open()
        return storage

    @pytest.fixture(autouse=True)
    def _destroyed(self, storage: Storage) -> object:
        yield
        storage.destroy()

    # The container

    def test_create_refuses_what_exists(self, opened: Storage) -> None:
        opened.put("a", b"kept")
        with pytest.raises(FileExistsError):
            type(opened)(opened.name).create()
        assert opened.read("a") == b"kept"

    def test_only_one_of_many_creates_wins(self, storage: Storage) -> None:
        results = racing.race(storage, *[("create",)] * _RACERS)
        assert sorted(results) == ["lost"] * (_RACERS - 1) + ["won"]
        storage.open()

    def test_open_refuses_what_does_not_exist(self, storage: Storage) -> None:
        with pytest.raises(FileNotFoundError):
            storage.open()

    def test_what_is_put_is_there_for_others(self, opened: Storage) -> None:
        opened.put("a/b", b"value")
        other = type(opened)(opened.name)
        other.open()
        assert other.read("a/b") == b"value"

    def test_destroy_deletes_everything_and_can_be_repeated(self, opened: Storage) -> None:
        opened.put("a/b", b"value")
        stranger = type(opened)(opened.name)
        stranger.destroy()
        stranger.destroy()
        with pytest.raises(FileNotFoundError):
            type(opened)(opened.name).open()
        opened.create()
        assert list(opened.list("")) == []

    # Values

    @pytest.mark.parametrize("value", [b"", b"x", bytes(range(256)) * 3, b"large" * 400_000], ids=len)
    def test_put_and_read_agree(self, opened: Storage, value: bytes) -> None:
        assert opened.put("some/key", value)
        assert opened.read("some/key") == value
        with opened.open_read("some/key") as stream:
            assert stream.read() == value
        assert opened.stat("some/key").size == len(value)

    def test_put_replaces(self, opened: Storage) -> None:
        opened.put("k", b"a long first value")
        assert opened.put("k", b"second")
        assert opened.read("k") == b"second"

    def test_put_if_absent_keeps_what_is_there(self, opened: Storage) -> None:
        assert opened.put("r/1", b"first", if_absent=True) is True
        assert opened.put("r/1", b"second", if_absent=True) is False
        assert opened.read("r/1") == b"first"

    def test_put_if_absent_succeeds_after_delete(self, opened: Storage) -> None:
        opened.put("r/1", b"first", if_absent=True)
        opened.delete(["r/1"])
        assert opened.put("r/1", b"second", if_absent=True) is True
        assert opened.read("r/1") == b"second"

    def test_put_if_absent_is_won_by_one(self, opened: Storage) -> None:
        for round_ in range(3):
            key = f"race/{round_}"
            results = racing.race(opened, *[("claim", key, f"racer{number}") for number in range(_RACERS)])
            assert sorted(results) == ["lost"] * (_RACERS - 1) + ["won"]
            assert opened.read(key) == f"racer{results.index('won')}".encode("ascii")

    def test_readers_see_whole_values(self, opened: Storage) -> None:
        size, count = 300_000, 200
        opened.put("k", b"a" * size)
        watchers = [("watch", "k", str(size))] * 2
        results = racing.race(opened, ("overwrite", "k", str(size), str(count)), *watchers)
        assert results == ["done", "whole", "whole"]

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [(0, None, b"0123456789"), (3, None, b"3456789"), (3, 4, b"3456"), (8, 5, b"89"), (0, 0, b""), (10, 3, b"")],
    )
    def test_ranges_are_cut_where_the_value_ends(
        self, opened: Storage, start: int, length: int | None, expected: bytes
    ) -> None:
        opened.put("k", b"0123456789")
        assert opened.read("k", start, length) == expected

    def test_absent_keys_are_named(self, opened: Storage) -> None:
        opened.put("dir/present", b"")
        for key in ("absent", "absent/deep", "dir", "dir/present/below"):
            with pytest.raises(KeyAbsent) as caught:
                opened.read(key)
            assert caught.value.key == key
            with pytest.raises(KeyAbsent):
                opened.stat(key)
            with pytest.raises(KeyAbsent), opened.open_read(key):
                pass
            with pytest.raises(KeyAbsent):
                opened.public_url(key, 60)

    def test_read_many_keeps_the_order(self, opened: Storage) -> None:
        opened.put("a/1", b"one")
        opened.put("a/2", b"two")
        assert list(opened.read_many(["a/2", "a/none", "a/1", "a/2"])) == [b"two", None, b"one", b"two"]

    @pytest.mark.parametrize("key", _BAD_KEYS)
    def test_keys_that_are_none_are_refused(self, opened: Storage, key: str) -> None:
        with pytest.raises(ValueError, match="key"):
            opened.put(key, b"")
        assert list(opened.list("")) == []

    # Streams

    def test_a_stream_is_stored_when_its_block_ends(self, opened: Storage) -> None:
        with opened.open_write("s/k") as stream:
            stream.write(b"first ")
            stream.flush()
            assert list(opened.list("")) == []
            with pytest.raises(KeyAbsent):
                opened.read("s/k")
            stream.write(b"second")
        assert opened.read("s/k") == b"first second"

    def test_a_stream_whose_block_fails_changes_nothing(self, opened: Storage) -> None:
        opened.put("old", b"old value")
        for key in ("old", "new"):
            with pytest.raises(RuntimeError, match="on purpose"), opened.open_write(key) as stream:
                stream.write(b"half")
                raise RuntimeError("on purpose")
        assert opened.read("old") == b"old value"
        assert [key for key, _ in opened.list("")] == ["old"]

    # Deleting, listing

    def test_delete_passes_over_what_is_absent(self, opened: Storage) -> None:
        for key in ("a/1", "a/2", "b"):
            opened.put(key, b"")
        opened.delete(["a/1", "absent", "a/none", "b", "a/1"])
        opened.delete([])
        assert [key for key, _ in opened.list("")] == ["a/2"]

    def test_list_finds_all_that_start_with_the_prefix(self, opened: Storage) -> None:
        keys = {"a/1", "a/10", "a/b/c", "ab", "b/1"}
        for key in keys:
            opened.put(key, key.encode("ascii"))
        for prefix in ("", "a", "a/", "a/1", "a/b", "a/b/c", "b/", "c", "c/"):
            found = {key: stat.size for key, stat in opened.list(prefix)}
            assert found == {key: len(key) for key in keys if key.startswith(prefix)}, prefix

    def test_stat_knows_the_age(self, opened: Storage) -> None:
        opened.put("k", b"123")
        assert opened.stat("k").size == 3
        assert abs(opened.stat("k").modified - time.time()) < 3600

    # Local files

    def test_a_local_file_is_stored_as_it_is(self, opened: Storage, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"content" * 1000)
        if opened.put_file("f/k", str(source)):
            source.write_bytes(b"changed")
            assert opened.read("f/k") == b"content" * 1000
            assert opened.stat("f/k").size == 7000
        else:
            assert list(opened.list("")) == []

    def test_a_local_path_leads_to_the_value(self, opened: Storage) -> None:
        opened.put("f/k", b"content")
        path = opened.local_path("f/k")
        assert path is None or Path(path).read_bytes() == b"content"

    def test_the_environment_is_of_strings(self, opened: Storage) -> None:
        assert all(isinstance(one, str) for item in opened.environment().items() for one in item)

    # Crashes

    def test_a_killed_stream_leaves_nothing_to_see(self, opened: Storage) -> None:
        self._needs_processes(opened)
        opened.put("k/old", b"old value")
        for key in ("k/old", "k/new"):
            with racing.doomed(opened, "half_write", key):
                assert [found for found, _ in opened.list("")] == ["k/old"]
        assert [key for key, _ in opened.list("")] == ["k/old"]
        assert opened.read("k/old") == b"old value"
        opened.discard_unfinished()
        assert opened.read("k/old") == b"old value"

    def test_what_live_processes_write_is_not_discarded(self, opened: Storage) -> None:
        with opened.open_write("k") as stream:
            stream.write(b"whole")
            opened.discard_unfinished()
        assert opened.read("k") == b"whole"

    def test_a_killed_put_is_whole_or_absent(self, opened: Storage) -> None:
        self._needs_processes(opened)
        size = 8_000_000
        for round_ in range(3):
            prefix, deadline = f"p{round_}/", time.monotonic() + racing.DEADLINE
            with racing.doomed(opened, "put_forever", prefix, str(size)):
                # Whoever shows a value before it is whole is killed while it writes that value.
                while len(list(opened.list(prefix))) < 2 + round_:
                    assert time.monotonic() < deadline
        found = list(opened.list("p"))
        assert found
        for key, stat in found:
            value = opened.read(key)
            assert stat.size == len(value) == size and len(set(value)) == 1

    @staticmethod
    def _needs_processes(storage: Storage) -> None:
        if not storage.shared_between_processes:
            pytest.skip("this storage ends with its process")
