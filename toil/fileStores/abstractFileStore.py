"""`AbstractFileStore`, under its documented path."""

from toil_core.file_stores.abstract import AbstractFileStore

__all__ = ["AbstractFileStore"]
