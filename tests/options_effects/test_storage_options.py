"""How files come into the job store, out of it, and to jobs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.options_effects.probing import Done, Probe


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to import."""
    path = tmp_path / "source.txt"
    path.write_text("some text")
    return path


def round_trip(probe: Probe, *options: str, variables: Mapping[str, str] | None = None) -> Done:
    """Import the file, have a job read it and write another, and export that; keep the job store."""
    own = ("--read", "source.txt", "--write", "target.txt")
    done = probe.run("reads", None, "--clean=never", *options, own=own, variables=variables)
    assert done.result["text"] == "some text"
    assert (probe.directory / "target.txt").read_text() == "SOME TEXT"
    return done


def shares(probe: Probe, outside: Path) -> bool:
    """Return whether some path in the job store leads to the very file outside."""
    found = [path for path in probe.store.rglob("*") if path.is_file() and path.samefile(outside)]
    return bool(found)


@pytest.mark.usefixtures("source")
def test_imports_are_linked_with_link_imports(probe: Probe, source: Path) -> None:
    round_trip(probe, "--linkImports")
    assert shares(probe, source)


@pytest.mark.parametrize(("options", "variables"), [(("--noLinkImports",), {}), ((), {"TOIL_LINK_IMPORTS": "false"})])
def test_imports_are_copied_without_links(
    probe: Probe, source: Path, options: tuple[str, ...], variables: dict[str, str]
) -> None:
    round_trip(probe, *options, variables=variables)
    assert not shares(probe, source)
    source.write_text("changed")
    assert [path for path in probe.store.rglob("*") if path.is_file() and path.read_bytes() == b"changed"] == []


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(("options", "moved"), [(("--moveExports",), True), (("--noMoveExports",), False), ((), False)])
def test_exports_are_moved_only_with_move_exports(probe: Probe, options: tuple[str, ...], moved: bool) -> None:
    round_trip(probe, *options)
    target = probe.directory / "target.txt"
    assert not target.is_symlink()
    assert shares(probe, target) is moved


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("options", "variables", "kind"),
    [
        ((), {}, "DirectFileStore"),
        (("--caching", "true"), {}, "CachingFileStore"),
        (("--caching=false",), {}, "DirectFileStore"),
        (("--disableCaching",), {}, "DirectFileStore"),
        ((), {"TOIL_CACHING": "true"}, "CachingFileStore"),
        (("--disableCaching",), {"TOIL_CACHING": "false"}, "DirectFileStore"),
    ],
)
def test_caching_chooses_the_file_store(
    probe: Probe, options: tuple[str, ...], variables: dict[str, str], kind: str
) -> None:
    assert probe.run("store_kind", None, *options, variables=variables).result == kind


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("caching", ["true", "false"])
def test_files_go_round_with_and_without_caching(probe: Probe, caching: str) -> None:
    round_trip(probe, "--caching", caching)


def test_caching_and_disable_caching_contradict_each_other(probe: Probe) -> None:
    done = probe.run("store_kind", None, "--caching=true", "--disableCaching")
    assert (done.status, "--disableCaching cannot be used with --caching=true" in done.err) == (2, True)


@pytest.mark.parametrize(("options", "synced"), [((), False), (("--durable",), True)])
def test_durable_forces_what_jobs_commit_to_disk(probe: Probe, options: tuple[str, ...], synced: bool) -> None:
    assert probe.run("chain", None, *options).status == 0
    assert (probe.directory / "synced").exists() is synced
