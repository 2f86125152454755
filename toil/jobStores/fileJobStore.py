"""`FileJobStore`, under its documented path."""

from toil_core.job_stores.file import FileJobStore

__all__ = ["FileJobStore"]
