"""What every part of a job store stands on: its locator, its storage, and the workflow's configuration in it.

The parts (jobs, files, shared files, logs …) are small classes on top of `StoreBase`, one module each, and
`AbstractJobStore` is their sum.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from toil_core.job_stores.errors import (
    IncompatibleJobStoreException,
    JobStoreExistsException,
    LocatorException,
    NoSuchJobStoreException,
    NotAJobStoreException,
    PlaceTakenException,
)
from toil_core.job_stores.storage import ContainerIncomplete, KeyAbsent, Storage

if TYPE_CHECKING:
    from toil_core.options.config import Config

#: How values are laid out; stores of another number belong to another version of Toil.
FORMAT = 1
_CONFIG = "config.json"


class StoreBase:
    """A locator, a storage and a configuration.

    :param locator: where the job store is, with or without its scheme.
    :raises LocatorException: if that cannot be.
    """

    #: The scheme of locators.
    scheme: ClassVar[str] = ""
    #: Where it is held.
    storage_type: ClassVar[type[Storage]]

    def __init__(self, locator: str) -> None:
        name = self.name_in(locator)
        self.storage = self.storage_type(name)
        self._locator = f"{self.scheme}:{self.storage.name}" if self.scheme else locator
        self._config: Config | None = None

    @classmethod
    def name_in(cls, locator: str) -> str:
        """Return the part of a locator that the storage is called by.

        :raises LocatorException: if there is none.
        """
        name = locator.removeprefix(f"{cls.scheme}:") if cls.scheme else locator
        if not name.strip("/ "):
            raise LocatorException(
                f"The locator '{locator}' does not say where the job store is.",
                locator,
                f"Write it as '{cls.scheme or 'scheme'}:name'.",
            )
        return name

    @property
    def locator(self) -> str:
        """The locator, complete, so that it means the same in other directories and on other machines."""
        return self._locator

    @property
    def config(self) -> Config:
        """The configuration of the workflow.

        :raises NoSuchJobStoreException: if the store was neither initialized nor resumed.
        """
        if self._config is None:
            raise NoSuchJobStoreException(self.locator)
        return self._config

    @config.setter
    def config(self, config: Config) -> None:
        self._config = config
        self.storage.durable = bool(config.durable)

    def initialize(self, config: Config) -> None:
        """Make the job store, for a new workflow.

        :param config: its configuration, which is given a new `workflowID`.
        :raises JobStoreExistsException: if there is one already.
        :raises LocatorException: if none can be made there.
        """
        try:
            self.storage.create()
            config.workflowID = os.urandom(16).hex()
            config.workflowAttemptNumber = 0
            self._set_up()
            # Last, since a store without a configuration is known for one whose creation was cut off.
            self.adopt_config(config)
        except FileExistsError as error:
            raise self._occupied() from error
        except NotADirectoryError as error:
            raise PlaceTakenException(self.locator) from error
        except OSError as error:
            with suppress(OSError):
                self.storage.destroy()
            raise LocatorException(
                f"The job store '{self.locator}' cannot be made: {error.strerror or error}.",
                self.locator,
                "Choose a place that you may write to and that has room.",
            ) from error

    def _occupied(self) -> LocatorException:
        """Return the error that tells what is in the place where the job store was to be made."""
        try:
            self.storage.open()
        except ContainerIncomplete:
            return JobStoreExistsException(self.locator)
        except OSError:
            return PlaceTakenException(self.locator)
        return JobStoreExistsException(self.locator)

    def _set_up(self) -> None:
        """Put what a new job store holds from the beginning; parts that have something there add it."""

    def adopt_config(self, config: Config) -> None:
        """Make a configuration that of this store, here and for everyone who opens it.

        :param config: the configuration; it is told where the store is and how workers open it.
        """
        config.jobStore = self.locator
        kind = type(self)
        config.implementations = {**config.implementations, "job_store": f"{kind.__module__}:{kind.__qualname__}"}
        self.config = config
        self.write_config()

    def write_config(self) -> None:
        """Store the configuration, for everyone who opens the job store from now on."""
        content = {"format": FORMAT, "config": self.config.to_dict()}
        self.storage.put(_CONFIG, json.dumps(content).encode("utf-8"))

    def resume(self) -> None:
        """Open the job store, and load its configuration.

        :raises NoSuchJobStoreException: if there is none.
        :raises IncompatibleJobStoreException: if it is of another version, or its creation was cut off.
        """
        from toil_core.options.config import Config

        try:
            self.storage.open()
            content = json.loads(self.storage.read(_CONFIG))
            found, values = content["format"], content["config"]
        except FileNotFoundError as error:
            raise NoSuchJobStoreException(self.locator) from error
        except (KeyAbsent, ContainerIncomplete) as error:
            reason = "its creation or its deletion was cut off"
            raise IncompatibleJobStoreException(self.locator, reason) from error
        except (ValueError, KeyError, TypeError) as error:
            raise IncompatibleJobStoreException(self.locator, f"its '{_CONFIG}' is not Toil's") from error
        if found != FORMAT:
            reason = f"it is of format {found}, while this version of Toil reads format {FORMAT}"
            raise IncompatibleJobStoreException(self.locator, reason)
        self.config = Config.from_dict(values)

    def destroy(self) -> None:
        """Delete the job store with all that is in it; may be called again if it was cut off.

        :raises NotAJobStoreException: if something else is there.
        """
        try:
            self.storage.destroy()
        except NotADirectoryError as error:
            raise NotAJobStoreException(self.locator, error.strerror or str(error)) from error

    def get_env(self) -> dict[str, str]:
        """Return the environment variables that workers need to reach the job store."""
        return self.storage.environment()

    def default_caching(self) -> bool:
        """Return whether it pays to keep copies of files on each machine."""
        return self.storage.prefers_caching

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.locator!r})"
