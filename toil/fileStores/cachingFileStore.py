"""`CachingFileStore`, under its documented path."""

from toil_core.file_stores.caching import CachingFileStore

__all__ = ["CachingFileStore"]
