"""`Config`: the settings of one workflow, as everything else in Toil reads them. Workers restore it from JSON, which
imports no more than this module; where defaults come from and how values are checked is looked up only when needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toil_core.options.option import Option


class Config:
    """The settings of a workflow: one attribute for each option, and the facts of this run.

    Options that have no value of their own choice are None where that means something of its own: no such file or
    directory (`workDir`, `logFile` …), `caching` as suits the job store, `linkImports` where the workflow asks for it.

    :ivar jobStore: the locator of the job store, empty until it is known.
    :ivar workflowID: identifies the workflow over all its restarts.
    :ivar workflowAttemptNumber: 0 for the first run, and one more for each restart.
    :ivar implementations: the plugin implementations that workers need, as `"module:Class"` strings.
    :ivar userScript: where workers find the workflow's code, as `UserScript.to_dict` describes it.
    :ivar replicateEnvironment: whether workers take over the leader's environment from the job store.
    """

    jobStore: str
    workflowID: str
    workflowAttemptNumber: int
    implementations: dict[str, Any]
    userScript: dict[str, Any] | None
    replicateEnvironment: bool

    workDir: str | None
    coordinationDir: str | None
    noStdOutErr: bool
    stats: bool
    clean: str
    cleanWorkDir: str
    clusterStats: str | None
    restart: bool
    config: str | None

    logLevel: str
    logFile: str | None
    rotatingLogging: bool

    batchSystem: str
    disableAutoDeployment: bool
    bundleSeconds: float | None
    statePollingWait: float | None
    checkEnv: bool
    maxLocalJobs: int | None
    runCwlInternalJobsOnWorkers: bool
    scale: float

    linkImports: bool | None
    moveExports: bool
    disableCaching: bool
    caching: bool | None
    durable: bool

    runImportsOnWorkers: bool
    importWorkersBatchsize: int
    importWorkersDisk: int

    maxServiceJobs: int
    maxPreemptibleServiceJobs: int
    deadlockWait: float
    deadlockCheckInterval: float
    servicePollingInterval: float
    serviceStopTimeout: float

    defaultMemory: int
    defaultCores: float
    defaultDisk: int
    defaultAccelerators: list[dict[str, Any]]
    defaultPreemptible: bool
    defaultWallTime: float
    maxCores: float
    maxMemory: int
    maxDisk: int

    retryCount: int
    enableUnlimitedPreemptibleRetries: bool
    doubleMem: bool
    enforceMemory: bool
    maxJobDuration: float
    rescueJobsFrequency: float

    maxLogFileSize: int
    writeLogs: str | None
    writeLogsGzip: str | None
    writeLogsFromAllJobs: bool
    writeMessages: str | None
    realTimeLogging: bool

    disableChaining: bool
    setEnv: list[str]
    statusWait: float
    disableProgress: bool
    history: bool

    debugWorker: bool
    disableWorkerOutputCapture: bool
    badWorker: float
    badWorkerFailInterval: float
    kill_polling_interval: float

    def __init__(self) -> None:
        from toil_core.options.settling import defaults

        self.__dict__.update(defaults())

    def setOptions(self, options: Any, extra: Iterable[Option] = ()) -> None:
        """Take over every option that a namespace has, and check all of them.

        Values may be as a user would type them (`"2G"`, `"ALWAYS"`). Attributes that are no options are left alone:
        scripts keep their own there. An option that the namespace lacks keeps its value.

        :param options: an `argparse` namespace, `optparse` values, or anything with attributes.
        :param extra: options of plugins.
        :raises OptionError: if a value is not one that its option can take, or two options contradict each other.
        """
        from toil_core.options.settling import settled

        self.__dict__.update(settled(self.__dict__, options, extra))

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as what JSON can hold."""
        return dict(self.__dict__)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """Restore what `to_dict` returned; what is missing from it is at its default."""
        config = cls.__new__(cls)
        config.__dict__.update(values)
        return config

    def __getattr__(self, name: str) -> Any:
        from toil_core.options.settling import aliases, defaults

        if not name.startswith("_"):
            known = defaults()
            if name in known:
                return self.__dict__.setdefault(name, known[name])
            if name in aliases():
                return getattr(self, aliases()[name])
        raise AttributeError(f"Config has no attribute {name}.", name=name, obj=self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Config({self.__dict__})"
