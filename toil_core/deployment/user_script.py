"""The user's script as a worker sees it: importable the way the leader had it, under a name that pickles can refer to.

The leader runs the script as `__main__`, so what it pickles names `__main__.f`. A worker executes the same file under
the name `__toil_main__`, which keeps its `if __name__ == "__main__"` block shut, lets `__main__` mean that module too,
and has the functions and classes in it say that they are of `__main__`, so that other processes, be it the leader or
those that `multiprocessing` spawns for a job, find them as they would find those of any script. A module started with
`python -m pkg.mod` is imported as `pkg.mod` and aliased likewise.

An interactive session has no file that a worker could load, but modules that it imports can be found where it does.
"""

from __future__ import annotations

import os
import sys
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from toil_core.deployment.errors import UserScriptError
from toil_core.deployment.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toil_core.job_stores.abstract import AbstractJobStore

#: The name under which workers import a script.
SCRIPT_MODULE = "__toil_main__"

_loading = False


def is_loading() -> bool:
    """Return whether this process is importing the user's script to work for it, so that it must start no workflow."""
    return _loading


class UserScript:
    """The script or module that defines a workflow.

    :param path: its file, absolute; empty for an interactive session.
    :param root: the directory that its imports start from, absolute.
    :param module: its dotted name if it was started with `python -m`, otherwise empty.
    :param search_path: more directories that the leader imported from, other than the interpreter's own.
    :param resource: where workers on other machines get it from, if they cannot just read it.
    """

    def __init__(
        self,
        path: str,
        root: str,
        module: str = "",
        search_path: tuple[str, ...] = (),
        resource: Resource | None = None,
    ) -> None:
        self.path = path
        self.root = root
        self.module = module
        self.search_path = search_path
        self.resource = resource

    def __repr__(self) -> str:
        return f"UserScript({self.path!r}, {self.root!r}, {self.module!r})"

    @classmethod
    def of_main(cls) -> UserScript | None:
        """Return what this process runs as `__main__`.

        :returns: None where that is no file of the user's: a prompt, `python -c`, or a command installed by pip.
        """
        main = sys.modules["__main__"]
        path = getattr(main, "__file__", None)
        if not path or not os.path.isfile(path):
            return None
        path = os.path.abspath(path)
        if os.path.dirname(path) == os.path.dirname(os.path.abspath(sys.executable)):
            return None
        spec = getattr(main, "__spec__", None)
        module = spec.name if spec is not None and spec.name != "__main__" else ""
        if not module:
            path = os.path.realpath(path)
        root = os.path.dirname(path)
        for _ in range(module.count(".")):
            root = os.path.dirname(root)
        return cls(path, root, module, _extra_search_path(root))

    @classmethod
    def of_session(cls) -> UserScript:
        """Return what workers can know of a process without a script: where it imports modules from."""
        return cls("", "", search_path=_extra_search_path(""))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values from which `from_dict` restores this, fit for JSON."""
        resource = self.resource.to_dict() if self.resource is not None else None
        return {
            "path": self.path,
            "root": self.root,
            "module": self.module,
            "search_path": list(self.search_path),
            "resource": resource,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> UserScript:
        """Restore what `to_dict` wrote."""
        resource = Resource.from_dict(values["resource"]) if values["resource"] is not None else None
        return cls(values["path"], values["root"], values["module"], tuple(values["search_path"]), resource)

    def moved_to(self, root: str) -> UserScript:
        """Return the same script with its whole directory at another place."""
        path = os.path.join(root, os.path.relpath(self.path, self.root))
        return UserScript(path, root, self.module, self.search_path, self.resource)

    def deploy(self, job_store: AbstractJobStore) -> Resource:
        """Pack the script into the job store, for workers on machines where it is not.

        :raises ResourceError: if a file cannot be read, or there is too much.
        """
        self.resource = Resource.create(job_store, self)
        return self.resource

    def here(self, job_store: AbstractJobStore, workflow_dir: str) -> UserScript:
        """Return the script as it is to be loaded on this machine: unpacked from the job store if it was deployed.

        :param workflow_dir: the workflow's directory on this machine.
        :raises ResourceError: if it cannot be unpacked.
        """
        if self.resource is None:
            return self
        return self.moved_to(self.resource.localize(job_store, workflow_dir))

    def load(self) -> ModuleType | None:
        """Import the script in a worker, and let `__main__` stand for it.

        :raises UserScriptError: if it is not there, or fails on import.
        :returns: the script's module, or None for an interactive session.
        """
        _extend_search_path(self.root, self.search_path)
        if not self.path:
            return None
        name = self.module or SCRIPT_MODULE
        loaded = sys.modules.get(name)
        if loaded is None or os.path.realpath(getattr(loaded, "__file__", None) or "") != os.path.realpath(self.path):
            loaded = self._import(name)
        sys.modules["__main__"] = loaded
        if "__mp_main__" in sys.modules:
            sys.modules["__mp_main__"] = loaded  # What processes spawned by `multiprocessing` call the main module.
        return loaded

    def alias_main(self) -> None:
        """Have the name that workers know the script by mean `__main__` in the leader, so that their pickles load."""
        if self.module:
            sys.modules.setdefault(self.module, sys.modules["__main__"])
        else:
            sys.modules[SCRIPT_MODULE] = sys.modules["__main__"]

    def _import(self, name: str) -> ModuleType:
        global _loading
        _loading = True
        try:
            return _import_module(name) if self.module else _execute(name, self.path)
        except FileNotFoundError as error:
            if error.filename != self.path:
                raise UserScriptError(self.path, error) from error
            raise UserScriptError(self.path, None) from error
        except (Exception, SystemExit) as error:
            raise UserScriptError(self.path, error) from error
        finally:
            _loading = False


def _import_module(name: str) -> ModuleType:
    from importlib import import_module, invalidate_caches

    invalidate_caches()
    return import_module(name)


def _execute(name: str, path: str) -> ModuleType:
    """Run a script's file as a module. Never from a `.pyc`: one that is a second old hides an edit."""
    from importlib.machinery import SourceFileLoader

    with open(path, "rb") as stream:
        source = stream.read()
    module = ModuleType(name)
    module.__file__ = path
    module.__loader__ = SourceFileLoader(name, path)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - running it is the point
    except BaseException:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        raise
    _say_main(vars(module), name, set())
    return module


def _say_main(members: Mapping[str, Any], name: str, seen: set[int]) -> None:
    """Have functions and classes that say they are of the module of this name say that they are of `__main__`."""
    for member in list(members.values()):
        if not isinstance(member, (FunctionType, type)) or member.__module__ != name or id(member) in seen:
            continue
        seen.add(id(member))
        member.__module__ = "__main__"
        if isinstance(member, type):
            _say_main(vars(member), name, seen)


def _extra_search_path(root: str) -> tuple[str, ...]:
    """Return where the leader imports from besides the script's directory and its interpreter's own ones."""
    own = tuple({os.path.join(prefix, "") for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)})
    extra = []
    for entry in sys.path:
        path = os.path.abspath(entry)
        inside = path.startswith(own) and ("lib" + os.sep in path or path.endswith(".zip") or os.sep + "bin" in path)
        if path != root and not inside:
            extra.append(path)
    return tuple(dict.fromkeys(extra))


def _extend_search_path(root: str, more: tuple[str, ...]) -> None:
    """Put the script's directory first on `sys.path`, as Python does for the leader, and the other ones last."""
    known = set(sys.path)
    if root and sys.path[:1] != [root]:
        sys.path.insert(0, root)
    sys.path.extend(path for path in more if path not in known and path != root)
