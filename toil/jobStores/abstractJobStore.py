"""`AbstractJobStore` and what it raises, under their documented path."""

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.errors import (
    ConcurrentFileModificationException,
    InvalidImportExportUrlException,
    JobStoreExistsException,
    LocatorException,
    NoSuchFileException,
    NoSuchJobException,
    NoSuchJobStoreException,
)

__all__ = [
    "AbstractJobStore",
    "ConcurrentFileModificationException",
    "InvalidImportExportUrlException",
    "JobStoreExistsException",
    "LocatorException",
    "NoSuchFileException",
    "NoSuchJobException",
    "NoSuchJobStoreException",
]
