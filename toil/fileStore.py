"""`FileID`, under its older path."""

from toil_core.file_stores.abstract import AbstractFileStore
from toil_core.job_stores.file_ids import FileID

__all__ = ["AbstractFileStore", "FileID"]
