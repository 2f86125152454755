"""The directory that a task runs in, and which paths of it mean which stored files.

Paths are the same inside of containers and outside. Inputs lie beside the working directory, those from one directory
in one directory; what expressions write and what the command prints lies beside them.
"""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING

from WDL import Value

from toil_plugin_wdl import stored

if TYPE_CHECKING:
    from toil_plugin_wdl.contexts import StoreFiles


class OutputMissing(Exception):
    """A task's output is not there, or is not the task's."""


class Workspace:
    """The files of one run of a task.

    :param files: the files of the job store.
    :param directory: where to make it; it is there.
    :param source: what a declaration's relative path is looked for below: the document's directory or URL.
    :param anywhere: whether outputs may be anywhere on this machine.
    :param links: whether inputs may be symbolic links.
    """

    def __init__(self, files: StoreFiles, directory: str, source: str, *, anywhere: bool, links: bool) -> None:
        self._files = files
        self._directory = os.path.realpath(directory)
        self._source = source
        self._anywhere = anywhere
        self._links = links
        self._inputs = os.path.join(self._directory, "inputs")
        self.write_dir = os.path.join(self._directory, "written")
        self.work = os.path.join(self._directory, "work")
        self.attempts = 0
        self._places: dict[str, str] = {}
        self._stored: dict[str, str] = {}
        self._delivered: dict[str, str] = {}

    @property
    def root(self) -> str:
        """The directory that all is in."""
        return self._directory

    @property
    def base(self) -> str:
        """What relative paths are relative to."""
        return self.work

    @property
    def stdout(self) -> str:
        """Where the command's standard output goes."""
        return os.path.join(self._directory, "stdout")

    @property
    def stderr(self) -> str:
        """Where the command's standard error goes."""
        return os.path.join(self._directory, "stderr")

    def begin_attempt(self) -> None:
        """Make a new, empty working directory."""
        self.attempts += 1
        if self.attempts > 1:
            self.work = os.path.join(self._directory, f"work-{self.attempts}")
        os.mkdir(self.work)

    # Inputs

    def localized(self, path: Value.File | Value.Directory) -> str:
        """Bring a file or directory here; return its path.

        :raises FileNotFoundError: if it is not in the job store, and not where it says either.
        """
        if not stored.is_stored(path.value):
            place = str(path.value)
            if "://" not in place and not os.path.exists(place):
                raise FileNotFoundError(f"there is no '{place}'")
            return self.localized(
                type(path)(self._files.imported(place, is_directory=isinstance(path, Value.Directory)))
            )
        found = stored.stored(path.value)
        key = found._replace(inside="").path()
        if key not in self._places:
            place = os.path.join(self._inputs, found.group, found.name)
            number = 1
            while place in self._stored:
                number += 1
                place = os.path.join(self._inputs, f"{found.group}-{number}", found.name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            self._files.put(found, place, link=self._links)
            self._places[key], self._stored[place] = place, key
        return os.path.join(self._places[key], found.inside) if found.inside else self._places[key]

    def declared(self, path: Value.File | Value.Directory, *, is_input: bool) -> str:
        """Return the path of what a declaration of the task names: a file beside the document, a URL, or its own.

        :param is_input: whether that is an input's default, which has to be there before the command runs.
        """
        value = str(path.value)
        if value.startswith(self._directory):
            return value
        if stored.is_stored(value):
            return self.localized(path)
        place = value if "://" in value or os.path.isabs(value) else f"{self._source}{value}"
        if "://" not in place and not os.path.exists(place):
            return value
        if not is_input and not os.path.isabs(value) and "://" not in value:
            return value
        imported = self._files.imported(place, is_directory=isinstance(path, Value.Directory))
        return self.localized(type(path)(imported))

    # What expressions need

    def resolved(self, path: str) -> str:
        """Return the absolute path of what an expression has as `path`."""
        return path if "://" in path else os.path.join(self.work, path)

    def local_path(self, path: str) -> str:
        """Return the path at which this process can read what an expression has as `path`."""
        if stored.is_stored(path):
            return self.localized(Value.Directory(path) if path.startswith("toildir") else Value.File(path))
        if "://" in path:
            return self._files.local_path(path)
        return os.path.join(self.work, path)

    def added(self, path: str) -> str:
        """Return what an expression has as the path of a file that was just written."""
        os.chmod(path, 0o644)
        return path

    def size(self, path: str) -> int:
        """Return the size in bytes of a file, or of all that is in a directory."""
        return stored.size_of(self.local_path(path))

    def glob(self, pattern: str) -> list[str]:
        """Return the paths, in the working directory, of the files that match a pattern, sorted."""
        found = sorted(glob.glob(pattern, root_dir=self.work))
        return [path for path in found if os.path.isfile(os.path.join(self.work, path))]

    # Outputs

    def exists(self, path: Value.File | Value.Directory) -> bool:
        """Return whether what an output names is there."""
        place = self.local_path(path.value)
        return os.path.isdir(place) if isinstance(path, Value.Directory) else os.path.isfile(place)

    def delivered(self, path: Value.File | Value.Directory) -> str:
        """Put an output into the job store; return its path there.

        :raises OutputMissing: if it is not where the task may put its outputs.
        """
        place = os.path.normpath(self.local_path(path.value))
        if stored.is_stored(path.value):
            return str(path.value)
        if place not in self._delivered:
            self._delivered[place] = self._given_before(place) or self._deliver(path, place)
        return self._delivered[place]

    def _given_before(self, place: str) -> str | None:
        """Return the stored path of an input that is an output, too."""
        for directory, key in self._stored.items():
            if place == directory:
                return key
            if place.startswith(f"{directory}/") and key.startswith("toildir"):
                return f"{key}/{place[len(directory) + 1 :]}"
        return None

    def _deliver(self, path: Value.File | Value.Directory, place: str) -> str:
        real = os.path.realpath(place)
        if not self._anywhere and not real.startswith(f"{self._directory}/"):
            raise OutputMissing(f"'{path.value}' is outside of the task's working directory")
        came_from = f"{self._files.owner}:{place.removeprefix(self._directory)}"
        if isinstance(path, Value.Directory):
            return self._files.store_directory(place, came_from)
        return stored.stored_file(self._files.store(place), came_from)
