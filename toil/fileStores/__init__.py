"""File stores, under their documented path."""

from toil_core.job_stores.file_ids import FileID

__all__ = ["FileID"]
