"""Where Toil keeps its things on a machine: the work directory, the coordination directory, and a workflow's share of
both. Nothing here knows what the directories hold.

A workflow's directories are named `toil-<workflow ID>/<machine>`, since machines may share the file system they lie on.
"""

from __future__ import annotations

import errno
import os

from toil_core.errors import UserError

#: In-memory file systems that may serve for coordination, after the one that XDG_RUNTIME_DIR names.
_MEMORY_DIRS = ("/run/lock", "/dev/shm")
#: A file system for coordination has to be this large (bytes); the size, unlike the free space, never changes.
_MEMORY_DIR_SIZE = 32 << 20
_CREATION_TRIES = 100


class NodeDirectoryError(UserError):
    """A directory that Toil was told to use on this machine cannot be used.

    :param path: the directory.
    :param source: the option or variable that named it.
    :param problem: what is wrong with it, as the end of a sentence that starts with its name.
    """

    def __init__(self, path: str, source: str, problem: str) -> None:
        super().__init__(
            f"The directory '{path}' from {source} {problem} on machine '{os.uname().nodename}'.",
            f"Create it there and make it writable, or name another one with {source}.",
        )
        self.path = path
        self.source = source
        self.problem = problem


def node_id() -> str:
    """Return a short name for this machine that no other has, the same in all containers that run on it."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            return stream.read().replace("-", "")[:12]
    except OSError:
        return "".join(letter if letter.isalnum() else "-" for letter in os.uname().nodename)[:40]


def work_dir(config_work_dir: str | None = None) -> str:
    """Return the directory under which workflows keep their temporary files on this machine.

    `TOIL_WORKDIR_OVERRIDE` comes first, then the argument, `TOIL_WORKDIR`, and the system's temporary directory.

    :param config_work_dir: the value of `--workDir`.
    :raises NodeDirectoryError: if the directory does not exist or cannot be written to.
    """
    chosen = _named("TOIL_WORKDIR", "--workDir", config_work_dir)
    return _checked(*chosen) if chosen else _system_temp_dir()


def coordination_dir(config_work_dir: str | None = None, config_coordination_dir: str | None = None) -> str:
    """Return the directory under which workflows keep locks and state on this machine, in memory if that can be.

    `TOIL_COORDINATION_DIR_OVERRIDE` comes first, then the argument, `TOIL_COORDINATION_DIR`, an in-memory file system,
    and the work directory.

    :param config_work_dir: the value of `--workDir`.
    :param config_coordination_dir: the value of `--coordinationDir`.
    :raises NodeDirectoryError: if the directory does not exist or cannot be written to.
    """
    chosen = _named("TOIL_COORDINATION_DIR", "--coordinationDir", config_coordination_dir)
    if chosen:
        return _checked(*chosen)
    return _memory_dir() or work_dir(config_work_dir)


def workflow_dir(workflow_id: str, config_work_dir: str | None = None) -> str:
    """Return the directory for a workflow's temporary files on this machine, which exists when this returns.

    :raises NodeDirectoryError: if the work directory cannot be used.
    """
    return _made(_share_of(workflow_id, work_dir(config_work_dir)))


def workflow_coordination_dir(
    workflow_id: str, config_work_dir: str | None = None, config_coordination_dir: str | None = None
) -> str:
    """Return the directory for a workflow's locks and state on this machine, which exists when this returns.

    Where there is no better place, it lies within the workflow's directory for temporary files.

    :raises NodeDirectoryError: if the coordination directory cannot be used.
    """
    return _made(_coordination_share(workflow_id, config_work_dir, config_coordination_dir))


def remove_workflow_dirs(
    workflow_id: str,
    config_work_dir: str | None = None,
    config_coordination_dir: str | None = None,
    all_nodes: bool = False,
) -> None:
    """Run the deferred functions that nobody is left to run, then remove the workflow's directories on this machine.

    :param all_nodes: remove what other machines left on the same file systems too; for the end of a workflow.
    """
    import shutil

    from toil_core.worker.deferred import DeferredFunctions

    coordination = _coordination_share(workflow_id, config_work_dir, config_coordination_dir)
    DeferredFunctions(coordination).run_abandoned()
    for share in dict.fromkeys((os.path.dirname(coordination), _share_of(workflow_id, work_dir(config_work_dir)))):
        whole = os.path.dirname(share)
        shutil.rmtree(whole if all_nodes else share, ignore_errors=True)
        try:
            os.rmdir(whole)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
                raise


def _named(variable: str, option: str, configured: str | None) -> tuple[str, str] | None:
    """Return the directory that is asked for and what asked for it, or None where nothing does."""
    override = f"{variable}_OVERRIDE"
    sources = ((os.environ.get(override), override), (configured, option), (os.environ.get(variable), variable))
    return next(((path, source) for path, source in sources if path), None)


def _checked(path: str, source: str) -> str:
    path = os.path.abspath(path)
    if not os.path.exists(path):
        raise NodeDirectoryError(path, source, "does not exist")
    if not os.path.isdir(path):
        raise NodeDirectoryError(path, source, "is not a directory")
    if not os.access(path, os.W_OK | os.X_OK):
        raise NodeDirectoryError(path, source, "cannot be written to")
    return path


def _system_temp_dir() -> str:
    """Return what `tempfile.gettempdir` would, without importing it into every worker."""
    named = (os.environ.get(variable) for variable in ("TMPDIR", "TEMP", "TMP"))
    for path in (*named, "/tmp", "/var/tmp", "/usr/tmp", os.curdir):
        if path and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK):
            return os.path.abspath(path)
    raise NodeDirectoryError("/tmp", "TOIL_WORKDIR", "cannot be written to, nor can any other temporary directory")


def _memory_dir() -> str | None:
    for path in (os.environ.get("XDG_RUNTIME_DIR"), *_MEMORY_DIRS):
        if path and os.path.isabs(path) and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK):
            size = os.statvfs(path)
            if size.f_blocks * size.f_frsize >= _MEMORY_DIR_SIZE:
                return path
    return None


def _share_of(workflow_id: str, base: str) -> str:
    return os.path.join(base, f"toil-{workflow_id}", node_id())


def _coordination_share(workflow_id: str, config_work_dir: str | None, config_coordination_dir: str | None) -> str:
    return os.path.join(_share_of(workflow_id, coordination_dir(config_work_dir, config_coordination_dir)), "locks")


def _made(path: str) -> str:
    """Create a directory, for this user only, also while another machine is removing the one that it lies in."""
    for _ in range(_CREATION_TRIES):
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
        except FileNotFoundError:
            continue
        return path
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path
