"""What can go wrong in a job store, under the documented names."""

from __future__ import annotations

from toil_core.errors import ToilError, UserError


class JobStoreException(ToilError):
    """Base of the job store's own errors."""


class LocatorException(UserError):
    """A job store locator that cannot be used."""

    def __init__(self, message: str, locator: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.locator = locator

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


class JobStoreExistsException(LocatorException):
    """There is already a job store where a new one was to be made."""

    def __init__(self, locator: str) -> None:
        super().__init__(
            f"The job store '{locator}' already exists.",
            locator,
            f"Continue that run with --restart, remove it with 'toil clean {locator}', or name another job store.",
        )


class PlaceTakenException(JobStoreExistsException):
    """Something that is no job store is where a new one was to be made."""

    def __init__(self, locator: str) -> None:
        LocatorException.__init__(
            self,
            f"The job store '{locator}' cannot be made: something that is no job store is in the way.",
            locator,
            "Choose a name that nothing else has.",
        )


class NoSuchJobStoreException(LocatorException):
    """There is no job store where one was expected."""

    def __init__(self, locator: str) -> None:
        super().__init__(
            f"The job store '{locator}' does not exist, so there is nothing to open or restart.",
            locator,
            "Check the locator, or leave out --restart to start a new run there.",
        )


class IncompatibleJobStoreException(LocatorException):
    """The job store was written by another version, or its creation was cut off."""

    def __init__(self, locator: str, found: str) -> None:
        super().__init__(
            f"The job store '{locator}' cannot be opened: {found}.",
            locator,
            f"Finish it with the version that wrote it, or remove it with 'toil clean {locator}'.",
        )


class NotAJobStoreException(LocatorException):
    """A locator leads to something that Toil did not make and will not delete."""

    def __init__(self, locator: str, found: str) -> None:
        super().__init__(
            f"The job store '{locator}' cannot be deleted: {found}.",
            locator,
            "Check the locator; delete it by other means if you are sure.",
        )


class JobStoreFullError(JobStoreException, OSError):
    """There is no room for what was to be stored; as an `OSError`, it has the `errno` that the system gave.

    :param place: where the job store is.
    :param error: the system's own complaint.
    """

    def __init__(self, place: str, error: OSError) -> None:
        super().__init__(
            f"There is no room left where the job store '{place}' is: {error.strerror}.",
            "Free some space there; nothing that was stored is lost.",
        )
        self.errno = error.errno
        self.place = place


class NoSuchJobException(JobStoreException):
    """The store holds no job with this ID."""

    def __init__(self, jobStoreID: str) -> None:
        super().__init__(f"The job '{jobStoreID}' does not exist.")
        self.jobStoreID = jobStoreID


class NoSuchFileException(JobStoreException):
    """The store holds no file with this ID."""

    def __init__(self, jobStoreFileID: str, customName: str | None = None, *extra: object) -> None:
        name = f"{customName} ({jobStoreFileID})" if customName else jobStoreFileID
        detail = " ".join(str(part) for part in extra)
        super().__init__(f"The file '{name}' does not exist in the job store.{' ' + detail if detail else ''}")
        self.jobStoreFileID = jobStoreFileID


class ConcurrentFileModificationException(JobStoreException):
    """Two processes changed one file at once."""

    def __init__(self, jobStoreFileID: str) -> None:
        super().__init__(f"The file '{jobStoreFileID}' was changed by another process at the same time.")
        self.jobStoreFileID = jobStoreFileID


class InvalidImportExportUrlException(UserError):
    """A URL that no installed scheme can import from or export to."""

    def __init__(self, url: str, reason: str, hint: str = "") -> None:
        super().__init__(f"Cannot use '{url}': {reason}.", hint)
        self.url = url


class NoSuchUrlException(InvalidImportExportUrlException, FileNotFoundError):
    """There is no file at a URL."""

    def __init__(self, url: str, reason: str = "there is no such file", hint: str = "Check its spelling.") -> None:
        super().__init__(url, reason, hint)


class UrlIsDirectoryException(InvalidImportExportUrlException, IsADirectoryError):
    """There is a directory at a URL where a file is needed."""

    def __init__(self, url: str, hint: str = "Give the URL of a file.") -> None:
        super().__init__(url, "it is a directory", hint)


def _rebuild(kind: type[BaseException], args: tuple[object, ...], state: dict[str, object]) -> BaseException:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
