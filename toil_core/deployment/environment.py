"""The leader's environment, given to workers on other machines, except for what is known to differ between them.

The leader saves it in the job store; a worker takes it over before it loads the user's code. What `--setEnv` set for
the worker itself stays as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, MutableMapping
from typing import TYPE_CHECKING

from toil_core.errors import UserError

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

#: The shared file that holds the environment.
ENVIRONMENT_FILE = "environment.json"

#: Variables that say where and as whom a process runs. They are never taken from the leader.
EXCLUDED = frozenset(
    [
        "_",
        "HOME",
        "HOST",
        "HOSTNAME",
        "LOGNAME",
        "MAIL",
        "OLDPWD",
        "PWD",
        "SHLVL",
        "TERM",
        "TERM_PROGRAM",
        "TERMCAP",
        "COLUMNS",
        "LINES",
        "TMPDIR",
        "TMP",
        "TEMP",
        "USER",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
        "DBUS_SESSION_BUS_ADDRESS",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "SSH_AUTH_SOCK",
        "SSH_AGENT_PID",
        "SSH_CLIENT",
        "SSH_CONNECTION",
        "SSH_TTY",
        "STY",
        "TMUX",
        "TMUX_PANE",
        "WINDOWID",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "VIRTUAL_ENV",
        "PYTHONHOME",
        "LS_COLORS",
        "CUDA_VISIBLE_DEVICES",
        "NVIDIA_VISIBLE_DEVICES",
        "ROCR_VISIBLE_DEVICES",
        "HIP_VISIBLE_DEVICES",
        "GPU_DEVICE_ORDINAL",
        "OMP_NUM_THREADS",
        "TOIL_WORKDIR",
        "TOIL_WORKDIR_OVERRIDE",
        "TOIL_COORDINATION_DIR",
        "TOIL_COORDINATION_DIR_OVERRIDE",
        "TOIL_RT_LOGGING_ADDRESS",
        "TOIL_RT_LOGGING_LEVEL",
    ]
)

#: Lists of directories. The leader's are searched after the worker's own.
APPENDED = ("PATH", "PYTHONPATH")

#: Beginnings of names that sessions, schedulers and container systems give to what describes one process.
EXCLUDED_PREFIXES = (
    "XDG_",
    "SLURM_",
    "SLURMD_",
    "SBATCH_",
    "SRUN_",
    "PBS_",
    "LSB_",
    "LS_SUB",
    "SGE_",
    "JOB_",
    "_CONDOR_",
    "MESOS_",
    "KUBERNETES_",
    "AWS_BATCH_",
    "ECS_",
    "BASH_FUNC_",
)


class EnvironmentSettingError(UserError):
    """A value of `--setEnv` that sets nothing.

    :param setting: the value.
    """

    def __init__(self, setting: str, reason: str, hint: str) -> None:
        super().__init__(f"--setEnv {setting or repr(setting)} cannot be used: {reason}.", hint)
        self.setting = setting


def parse_setting(setting: str) -> tuple[str, str]:
    """Return name and value of a `--setEnv` option; one without a value has that of this process.

    :raises EnvironmentSettingError: if there is no name, or a name without any value.
    """
    name, given, value = setting.partition("=")
    if not name or "\0" in setting:
        raise EnvironmentSettingError(setting, "it names no variable", "Write NAME=VALUE, or NAME.")
    if given:
        return name, value
    if name not in os.environ:
        raise EnvironmentSettingError(
            setting, "the variable has no value in the current environment", f"Write {name}=VALUE."
        )
    return name, os.environ[name]


def save_environment(job_store: AbstractJobStore) -> None:
    """Save what workers on other machines are to have of this process's environment."""
    import json

    text = json.dumps(replicated(os.environ), sort_keys=True)
    with job_store.writeSharedFileStream(ENVIRONMENT_FILE) as stream:
        stream.write(text.encode("utf-8"))


def apply_environment(job_store: AbstractJobStore) -> None:
    """Take over the environment that the leader saved; a workflow that saved none is left as it is."""
    import json

    from toil_core.job_stores.errors import NoSuchFileException

    try:
        with job_store.readSharedFileStream(ENVIRONMENT_FILE) as stream:
            saved = json.loads(stream.read())
    except NoSuchFileException:
        return
    merge(saved, os.environ, keep={setting.partition("=")[0] for setting in job_store.config.setEnv})
    known = set(sys.path)
    added = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path not in known]
    sys.path.extend(added)


def replicated(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a worker on another machine may take over.

    Values that are not text (which JSON could not hold) are left out too.
    """
    return {
        name: value
        for name, value in environment.items()
        if name not in EXCLUDED and not name.startswith(EXCLUDED_PREFIXES) and _is_text(name + value)
    }


def merge(saved: Mapping[str, str], environment: MutableMapping[str, str], keep: Collection[str] = ()) -> None:
    """Put saved variables into a worker's environment.

    :param keep: variables that were set for the worker on purpose and stay as they are.
    """
    for name, value in saved.items():
        if name in keep:
            continue
        if name in APPENDED:
            own, more = environment.get(name, "").split(os.pathsep), value.split(os.pathsep)
            environment[name] = os.pathsep.join(dict.fromkeys(path for path in (*own, *more) if path))
        else:
            environment[name] = value


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
