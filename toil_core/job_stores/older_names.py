"""The names that the operations of job stores had before, with the parameters they had. Each calls the operation under
its present name, so that a job store that overrides one overrides both.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any

from toil_core.job_stores.cleaning import CleanableJobStore
from toil_core.job_stores.file_ids import FileID
from toil_core.job_stores.importing import UrlAccess
from toil_core.job_stores.leader_marks import LeaderMarks

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription


class OlderNames(CleanableJobStore, UrlAccess, LeaderMarks):
    """The older names; see the operations themselves for what they do."""

    # Jobs

    def setRootJob(self, rootJobStoreID: str) -> None:
        """See `set_root_job`."""
        self.set_root_job(rootJobStoreID)

    def loadRootJob(self) -> JobDescription:
        """See `load_root_job`."""
        return self.load_root_job()

    def createRootJob(self, desc: JobDescription) -> JobDescription:
        """See `create_root_job`."""
        return self.create_root_job(desc)

    def assignID(self, jobDescription: JobDescription) -> None:
        """See `assign_job_id`."""
        self.assign_job_id(jobDescription)

    def create(self, jobDescription: JobDescription) -> JobDescription:
        """See `create_job`."""
        return self.create_job(jobDescription)

    def exists(self, jobStoreID: str) -> bool:
        """See `job_exists`."""
        return self.job_exists(jobStoreID)

    def load(self, jobStoreID: str) -> JobDescription:
        """See `load_job`."""
        return self.load_job(jobStoreID)

    def update(self, jobDescription: JobDescription) -> None:
        """See `update_job`."""
        self.update_job(jobDescription)

    def delete(self, jobStoreID: str) -> None:
        """See `delete_job`."""
        self.delete_job(jobStoreID)

    # Files

    def importFile(
        self, srcUrl: str, sharedFileName: str | None = None, hardlink: bool = False, symlink: bool = False
    ) -> FileID | None:
        """See `import_file`."""
        return self.import_file(srcUrl, sharedFileName, hardlink, symlink)

    def exportFile(self, jobStoreFileID: FileID | str, dstUrl: str) -> None:
        """See `export_file`."""
        self.export_file(jobStoreFileID, dstUrl)

    @classmethod
    def getSize(cls, url: Any) -> int | None:
        """See `get_size`."""
        return cls.get_size(url)

    def writeFile(self, localFilePath: str, jobStoreID: str | None = None, cleanup: bool = False) -> FileID:
        """See `write_file`."""
        return self.write_file(localFilePath, jobStoreID, cleanup)

    def writeFileStream(
        self,
        jobStoreID: str | None = None,
        cleanup: bool = False,
        basename: str | None = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> AbstractContextManager[tuple[IO[Any], FileID]]:
        """See `write_file_stream`."""
        return self.write_file_stream(jobStoreID, cleanup, basename, encoding, errors)

    def getEmptyFileStoreID(
        self, jobStoreID: str | None = None, cleanup: bool = False, basename: str | None = None
    ) -> FileID:
        """See `get_empty_file_store_id`."""
        return self.get_empty_file_store_id(jobStoreID, cleanup, basename)

    def readFile(self, jobStoreFileID: str, localFilePath: str, symlink: bool = False) -> None:
        """See `read_file`."""
        self.read_file(jobStoreFileID, localFilePath, symlink)

    def readFileStream(
        self, jobStoreFileID: str, encoding: str | None = None, errors: str | None = None
    ) -> AbstractContextManager[IO[Any]]:
        """See `read_file_stream`."""
        return self.read_file_stream(jobStoreFileID, encoding, errors)

    def deleteFile(self, jobStoreFileID: str) -> None:
        """See `delete_file`."""
        self.delete_file(jobStoreFileID)

    def fileExists(self, jobStoreFileID: str) -> bool:
        """See `file_exists`."""
        return self.file_exists(jobStoreFileID)

    def getFileSize(self, jobStoreFileID: str) -> int:
        """See `get_file_size`."""
        return self.get_file_size(jobStoreFileID)

    def updateFile(self, jobStoreFileID: str, localFilePath: str) -> None:
        """See `update_file`."""
        self.update_file(jobStoreFileID, localFilePath)

    def updateFileStream(
        self, jobStoreFileID: str, encoding: str | None = None, errors: str | None = None
    ) -> AbstractContextManager[IO[Any]]:
        """See `update_file_stream`."""
        return self.update_file_stream(jobStoreFileID, encoding, errors)

    def getPublicUrl(self, fileName: str) -> str:
        """See `get_public_url`."""
        return self.get_public_url(fileName)

    # Shared files

    def writeSharedFileStream(
        self,
        sharedFileName: str,
        isProtected: bool | None = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> AbstractContextManager[IO[Any]]:
        """See `write_shared_file_stream`."""
        return self.write_shared_file_stream(sharedFileName, isProtected, encoding, errors)

    def readSharedFileStream(
        self, sharedFileName: str, encoding: str | None = None, errors: str | None = None
    ) -> AbstractContextManager[IO[Any]]:
        """See `read_shared_file_stream`."""
        return self.read_shared_file_stream(sharedFileName, encoding, errors)

    def getSharedPublicUrl(self, sharedFileName: str) -> str:
        """See `get_shared_public_url`."""
        return self.get_shared_public_url(sharedFileName)

    # The rest

    def writeConfig(self) -> None:
        """See `write_config`."""
        self.write_config()

    def getEnv(self) -> dict[str, str]:
        """See `get_env`."""
        return self.get_env()

    def writeLeaderPID(self) -> None:
        """See `write_leader_pid`."""
        self.write_leader_pid()

    def readLeaderPID(self) -> int:
        """See `read_leader_pid`."""
        return self.read_leader_pid()

    def writeLeaderNodeID(self) -> None:
        """See `write_leader_node_id`."""
        self.write_leader_node_id()

    def readLeaderNodeID(self) -> str:
        """See `read_leader_node_id`."""
        return self.read_leader_node_id()

    def writeKillFlag(self, kill: bool = False) -> None:
        """See `write_kill_flag`."""
        self.write_kill_flag(kill)

    def readKillFlag(self) -> bool:
        """See `read_kill_flag`."""
        return self.read_kill_flag()
