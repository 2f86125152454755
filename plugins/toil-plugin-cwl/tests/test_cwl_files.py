"""Files between the job store and tools, and what tools need, without running any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cwltool.errors import WorkflowException
from schema_salad.ref_resolver import file_uri
from toil_plugin_cwl import documents, locations, resources
from toil_plugin_cwl.contexts import runtime_context
from toil_plugin_cwl.options import OPTIONS
from toil_plugin_cwl.store import LocalFiles

from toil_core.api import AbstractFileStore, FileID


class FarFileStore:
    """A file store whose files are on another machine, and kept in a dictionary."""

    def __init__(self, directory: Path) -> None:
        self.localTempDir = str(directory)
        self.files: dict[str, bytes] = {}
        self.jobStore = SimpleNamespace(storage=SimpleNamespace(local_path=lambda _: None))

    def getLocalTempDir(self) -> str:
        """Return a new directory."""
        (Path(self.localTempDir) / "new").mkdir()
        return str(Path(self.localTempDir) / "new")

    def writeGlobalFile(self, path: str) -> FileID:
        """Store a file."""
        content = Path(path).read_bytes()
        file_id = FileID(f"far/{len(self.files)}", len(content))
        self.files[file_id] = content
        return file_id

    def readGlobalFile(self, file_id: str, path: str, symlink: bool = False) -> str:
        """Bring a file here."""
        Path(path).write_bytes(self.files[file_id])
        return path

    @contextmanager
    def readGlobalFileStream(self, file_id: str) -> Iterator[Any]:
        """Open a file."""
        import io

        yield io.BytesIO(self.files[file_id])

    def getGlobalFileSize(self, file_id: FileID) -> int:
        """Return a file's size."""
        return len(self.files[file_id])


@pytest.fixture
def far(tmp_path: Path) -> FarFileStore:
    """Return an empty file store."""
    return FarFileStore(tmp_path)


def local_files(far: FarFileStore) -> LocalFiles:
    """Return the files of a run."""
    return LocalFiles(cast(AbstractFileStore, far))


def test_a_file_on_another_machine_is_read_through_a_pipe(far: FarFileStore, tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_text("all of it")
    location = locations.file_location(far.writeGlobalFile(str(tmp_path / "big.txt")))
    file: dict[str, Any] = {"class": "File", "basename": "big.txt", "location": location}
    with ExitStack() as stack:
        local_files(far).stream(file, stack)
        path = Path(str(file["location"]).removeprefix("file://"))
        assert path.is_fifo()
        assert path.name == "big.txt"
        assert file["size"] == len("all of it")
        assert path.read_text() == "all of it"


def test_what_a_tool_passes_on_keeps_its_place(far: FarFileStore, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    location = locations.file_location(far.writeGlobalFile(str(tmp_path / "a.txt")))
    tree = locations.directory_location({"inner": {"a.txt": location.removeprefix(locations.FILE)}})
    given = [
        {"class": "File", "basename": "a.txt", "location": location},
        {"class": "Directory", "basename": "tree", "location": tree},
    ]
    files = local_files(far)
    files.bring(given)
    inside = {"class": "Directory", "location": f"{given[1]['location']}/inner", "basename": "inner"}
    returned = [*given, inside]
    files.store(returned)
    assert [one["location"] for one in returned] == [location, tree, locations.entry_location(tree, "inner")]
    assert len(far.files) == 1


def test_links_out_of_a_tools_directory_are_no_outputs(far: FarFileStore, tmp_path: Path) -> None:
    elsewhere = Path("/etc/hostname")
    (tmp_path / "link.txt").symlink_to(elsewhere)
    (tmp_path / "own.txt").write_text("own")
    (tmp_path / "inner.txt").symlink_to(tmp_path / "own.txt")
    files = local_files(far)
    files.store({"class": "File", "location": file_uri(str(tmp_path / "inner.txt"))})
    with pytest.raises(WorkflowException, match=r"'link.txt' is a link to '/etc/hostname'"):
        files.store({"class": "File", "location": file_uri(str(tmp_path / "link.txt"))})


def test_devices_that_a_tool_wants_are_accelerators(tmp_path: Path) -> None:
    (tmp_path / "cuda.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\n$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}\n"
        "requirements:\n  ResourceRequirement: {coresMin: 3, ramMin: 10}\n"
        "  cwltool:CUDARequirement: {cudaVersionMin: '11.4', cudaComputeCapability: '3.0', cudaDeviceCountMin: 2}\n"
        "baseCommand: 'true'\ninputs: []\noutputs: []\n"
    )
    settings = {one.name: one.default for one in OPTIONS if not one.sets}
    options = SimpleNamespace(**{**settings, "enableExt": True, "logLevel": "INFO"})
    process = documents.Documents(str(tmp_path / "cuda.cwl"), options).load()
    needs = resources.of_process(process, None, runtime_context(options))
    assert needs["accelerators"] == "cuda:2"
    assert (needs["cores"], needs["memory"], needs["disk"]) == (3, 10 << 20, 2048 << 20)
