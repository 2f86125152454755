"""The standard library where files are in the job store, and where they are at a task's command.

Functions and operators are the library's own; what differs is how a path that an expression has leads to a file that
can be read, and what becomes of files that expressions write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from WDL import Expr, StdLib, Type, Value

from toil_core.api import human2bytes
from toil_plugin_wdl.values import paths_in

if TYPE_CHECKING:
    _Base = StdLib.Base
else:
    _Base = object


class Files(Protocol):
    """What expressions need of files."""

    @property
    def write_dir(self) -> str:
        """Where new files are written before they are handed over."""

    @property
    def base(self) -> str:
        """What relative paths that expressions join are relative to."""

    def local_path(self, path: str) -> str:
        """Return the path at which this process can read what an expression has as `path`."""

    def added(self, path: str) -> str:
        """Return what an expression has as the path of a file that was just written."""

    def resolved(self, path: str) -> str:
        """Return the absolute path of what an expression has as `path`."""

    def size(self, path: str) -> int:
        """Return the size in bytes of a file, or of all that is in a directory."""


class _WithFiles(_Base):
    """What the two libraries have in common."""

    _files: Files

    def _devirtualize_filename(self, filename: str) -> str:
        return self._files.local_path(filename)

    def _virtualize_filename(self, filename: str) -> str:
        return self._files.added(filename)

    def _resolve_source_relative_path(self, filename: str) -> str:
        return self._files.resolved(filename)

    def _join_paths_default_directory(self) -> str:
        return self._files.base


class _Size(StdLib.EagerFunction):
    """`size`, which need not fetch files whose size is known.

    :param other: the library's own, which knows what it may be called with.
    """

    def __init__(self, other: Any, files: Files) -> None:
        self._other = other
        self._files = files

    def infer_type(self, expr: Expr.Apply) -> Type.Base:
        """Check the types of the arguments."""
        found: Type.Base = self._other.infer_type(expr)
        return found

    def _call_eager(self, expr: Expr.Apply, arguments: list[Value.Base]) -> Value.Base:
        unit = str(arguments[1].value) if len(arguments) > 1 else "B"
        found = arguments[0]
        paths: list[Value.String] = list(paths_in(found))
        if not paths:
            paths = [one for one in (found, *found.children) if isinstance(one, Value.String)]
        return Value.Float(sum(self._files.size(path.value) for path in paths) / human2bytes(f"1{unit}"))


class WorkflowLibrary(_WithFiles, StdLib.Base):
    """The standard library in workflows, and wherever else expressions are evaluated outside of a task.

    :param version: the version of the language.
    """

    def __init__(self, version: str, files: Files) -> None:
        super().__init__(version, files.write_dir)
        self._files = files
        self.size: Any = _Size(self.size, files)


class TaskLibrary(_WithFiles, StdLib.TaskOutputs):
    """The standard library in tasks; `stdout`, `stderr` and `glob` are there once the command has ended.

    :param version: the version of the language.
    """

    def __init__(self, version: str, files: Files) -> None:
        super().__init__(version, files.write_dir)  # type: ignore[no-untyped-call]
        self._files = files
        self.size: Any = _Size(self.size, files)

    def command_has_ended(self, stdout: str, stderr: str, glob: Callable[[str], list[str]]) -> None:
        """Make available what only outputs can refer to.

        :param stdout: the path of what the command wrote to its standard output, as expressions see it.
        :param stderr: that of its standard error.
        :param glob: returns the paths of files that match a pattern.
        """

        def matches(pattern: Value.String) -> Value.Array:
            return Value.Array(Type.File(), [Value.File(path) for path in glob(pattern.value)])

        self._override_static("stdout", lambda: Value.File(stdout))
        self._override_static("stderr", lambda: Value.File(stderr))
        self._override_static("glob", matches)
