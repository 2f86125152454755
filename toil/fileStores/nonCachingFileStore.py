"""`NonCachingFileStore`, under its documented path."""

from toil_core.file_stores.direct import NonCachingFileStore

__all__ = ["NonCachingFileStore"]
