"""What a job store has to do with files: those of jobs, shared ones, and those that come from and go to URLs."""

# ruff: noqa: PT012 - what fails is the end of a block, so the block has to have a body

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.errors import (
    ConcurrentFileModificationException,
    NoSuchFileException,
    NoSuchJobException,
    NoSuchUrlException,
    UrlIsDirectoryException,
)
from toil_core.job_stores.file_ids import FileID
from toil_core.testing.store_clauses import StoreClauses, again, described


class FileClauses(StoreClauses):
    """Files with IDs, with names and at URLs."""

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
        with pytest.raises(ValueError, match="shared file"), store.write_shared_file_stream(name):
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
