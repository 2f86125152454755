"""sbatch: what a job asks for, from the command line, the environment and the script, and how its tasks start."""

from __future__ import annotations

import os
import re
import shlex
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from .arguments import BadOption, Grammar
from .engine import Refused
from .frontend import Call, Failed, Result
from .model import Launch, Request, Task
from .slurm import VERSION, Slurm, numbers, parse_options

SUBMISSION = "sbatch: error: Batch job submission failed: "
DEFAULT_MEMORY = 256
LARGEST_INDEX = 10000
SBATCH = Grammar(
    "a|array= A|account= bb= bbf= b|begin= comment= cpu-freq= c|cpus-per-task= d|dependency= deadline= delay- "
    "boot= D|chdir= e|error= export= export-file= get-user-env? gid= gres= gres-flags= H|hold ignore-pbs "
    "i|input= J|job-name= k|no-kill? L|licenses= M|clusters= container= m|distribution= mail-type= mail-user= "
    "mcs-label= n|ntasks= nice? no-requeue ntasks-per-node= N|nodes= o|output= O|overcommit p|partition= "
    "parsable power= priority= profile= propagate? q|qos= Q|quiet reboot requeue s|oversubscribe S|core-spec= "
    "signal= spread-job switches= thread-spec= t|time= time-min= uid= use-min-nodes v|verbose W|wait wckey= "
    "wrap= cluster-constraint= contiguous C|constraint= F|nodefile= mem= mincpus= reservation= tmp= "
    "w|nodelist= x|exclude= exclusive? mem-per-cpu= sockets-per-node= cores-per-socket= threads-per-core= "
    "B|extra-node-info= ntasks-per-core= ntasks-per-socket= cpus-per-gpu= G|gpus= gpu-bind= gpu-freq= gpus- "
    "per-node= gpus-per-socket= gpus-per-task= mem-per-gpu= h|help usage V|version open-mode= test-only mem- "
    "bind= network= hint= prefer="
)
VARIABLES = {
    "SBATCH_ACCOUNT": "account",
    "SBATCH_ARRAY_INX": "array",
    "SBATCH_CONSTRAINT": "constraint",
    "SBATCH_EXPORT": "export",
    "SBATCH_JOB_NAME": "job-name",
    "SBATCH_MEM_PER_CPU": "mem-per-cpu",
    "SBATCH_MEM_PER_NODE": "mem",
    "SBATCH_OPEN_MODE": "open-mode",
    "SBATCH_PARTITION": "partition",
    "SBATCH_QOS": "qos",
    "SBATCH_REQUEUE": "requeue",
    "SBATCH_NO_REQUEUE": "no-requeue",
    "SBATCH_TIMELIMIT": "time",
}
NOT_SIMULATED = ("dependency", "begin", "export-file", "clusters", "container", "deadline")


@dataclass(frozen=True)
class Script:
    """What a job runs."""

    text: str
    arguments: list[str]
    name: str
    path: str | None


def sbatch(slurm: Slurm, call: Call) -> Result:
    """Submit a job."""
    found, rest = parse_options(call, SBATCH, 255, mixed=False)
    options = dict(found)
    if "version" in options:
        return Result(0, f"{VERSION}\n")
    for name in NOT_SIMULATED:
        if name in options:
            raise Failed(f"sbatch: the simulated cluster does not simulate --{name}", 70)
    script = _script(call, options, rest)
    given = {name: call.environment[key] for key, name in VARIABLES.items() if key in call.environment}
    options = {**dict(_directives(script.text)), **given, **options}
    request = _request(slurm, call, options, script)
    try:
        job = slurm.engine.submit(request)
    except Refused:
        raise Failed(
            "sbatch: error: QOSMaxSubmitJobPerUserLimit\n"
            f"{SUBMISSION}Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
        ) from None
    said = f"{job}\n" if "parsable" in options else f"Submitted batch job {job}\n"
    if "wait" not in options:
        return Result(0, said)
    tasks = [task for task in slurm.engine.true() if task.job == job]
    slurm.engine.wait(lambda: all(task.ended for task in tasks))
    return Result(max(128 + task.signal if task.signal else task.status for task in tasks), said)


def _script(call: Call, options: dict[str, str], rest: list[str]) -> Script:
    if "wrap" in options:
        if rest:
            raise Failed("sbatch: error: Script arguments not permitted with --wrap option")
        text = f"#!/bin/sh\n# This script was created by sbatch --wrap.\n\n{options['wrap']}\n"
        return Script(text, [], "wrap", None)
    if not rest:
        script = Script(call.read_input(), [], "sbatch", None)
    else:
        try:
            script = Script(call.read(rest[0]), rest[1:], os.path.basename(rest[0]), call.path(rest[0]))
        except OSError:
            raise Failed(f"sbatch: error: Unable to open file {rest[0]}") from None
    if not script.text:
        raise Failed("sbatch: error: Batch script is empty!")
    if not script.text.startswith("#!"):
        raise Failed(
            "sbatch: error: This does not look like a batch script.  The first\n"
            "sbatch: error: line must start with #! followed by the path to an interpreter.\n"
            "sbatch: error: For instance: #!/bin/sh"
        )
    return script


def _directives(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        if line.startswith("#SBATCH"):
            try:
                found += SBATCH.parse(shlex.split(line.removeprefix("#SBATCH"), comments=True))[0]
            except BadOption as bad:
                raise Failed(f'sbatch: {bad}\nTry "sbatch --help" for more information', 255) from None
        elif line.strip() and not line.startswith("#"):
            break
    return found


def _request(slurm: Slurm, call: Call, options: dict[str, str], script: Script) -> Request:
    partition = options.get("partition", "main")
    cpus = _count(options, "cpus-per-task") * _count(options, "ntasks") * _count(options, "nodes")
    seconds = _seconds(options["time"]) if "time" in options else slurm.default_seconds.get(partition)
    if "mem" in options and "mem-per-cpu" in options:
        raise Failed("sbatch: fatal: --mem, --mem-per-cpu, and --mem-per-gpu are mutually exclusive.")
    per_cpu = _memory(options, "mem-per-cpu") if "mem-per-cpu" in options else DEFAULT_MEMORY
    memory = _memory(options, "mem") if "mem" in options else per_cpu * cpus
    if partition not in slurm.partitions:
        raise Failed(
            f"sbatch: error: invalid partition specified: {partition}\n{SUBMISSION}Invalid partition name specified"
        )
    indices, together = _array(options["array"]) if "array" in options else (None, None)
    hosts = slurm.hosts_of(partition)
    if "nodelist" in options:
        hosts = slurm.hosts_named(options["nodelist"])
    if "exclude" in options:
        all_hosts = hosts or {host.name for host in slurm.engine.hosts}
        hosts = frozenset(all_hosts) - slurm.hosts_named(options["exclude"])
    most = slurm.partitions[partition]
    if most is not None and seconds is not None and seconds > most:
        raise Failed(f"{SUBMISSION}Requested time limit is invalid (missing or exceeds some limit)")
    _check_possible(slurm, options, cpus, memory, hosts)
    name = options.get("job-name", script.name)
    spooled = slurm.spooled(script.text)
    environment = _exported(call, options.get("export", "ALL"))
    return Request(
        name=name,
        user=call.user,
        launch=lambda task: _launch(slurm, task, spooled, environment),
        cpus=cpus,
        memory=memory,
        seconds=seconds,
        memory_limit=memory,
        queue=partition,
        hosts=hosts,
        indices=indices,
        together=together,
        held="hold" in options,
        requeue="requeue" in options,
        notes={
            "uid": call.uid,
            "script": script,
            "directory": call.path(options.get("chdir", ".")),
            "output": options.get("output"),
            "error": options.get("error"),
            "input": options.get("input", "/dev/null"),
            "append": options.get("open-mode") == "append",
            "per_cpu": "mem" not in options,
            "account": options.get("account", call.user),
            "qos": options.get("qos", "normal"),
            "comment": options.get("comment", ""),
            "cpus_per_task": _count(options, "cpus-per-task"),
            "ntasks": _count(options, "ntasks"),
            "submit_line": shlex.join(["sbatch", *call.arguments]),
        },
    )


def _check_possible(
    slurm: Slurm, options: dict[str, str], cpus: int, memory: int, hosts: frozenset[str] | None
) -> None:
    if "constraint" in options:
        raise Failed(f"{SUBMISSION}Invalid feature specification")
    if options.get("gres") or set(options) & {"gpus", "gpus-per-node", "gpus-per-task"}:
        raise Failed("sbatch: error: Invalid generic resource (gres) specification")
    if hosts is not None and not hosts <= {host.name for host in slurm.engine.hosts}:
        raise Failed(f"sbatch: error: invalid node name specified\n{SUBMISSION}Invalid node name specified")
    if not slurm.engine.fits(cpus, 0, hosts):
        raise Failed(f"{SUBMISSION}More processors requested than permitted")
    if not slurm.engine.fits(cpus, memory, hosts):
        raise Failed(
            "sbatch: error: Memory specification can not be satisfied\n"
            f"{SUBMISSION}Requested node configuration is not available"
        )


def _count(options: dict[str, str], name: str) -> int:
    text = options.get(name, "1")
    if not re.fullmatch(r"[1-9]\d*", text):
        raise Failed(f'sbatch: error: Invalid numeric value "{text}" for --{name}.')
    return int(text)


def _seconds(text: str) -> float | None:
    if text.upper() in ("UNLIMITED", "INFINITE", "-1", "0"):
        return None
    match = re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", text)
    if not match:
        raise Failed("sbatch: error: Invalid --time specification", 255)
    days, first, second, third = (int(each or 0) for each in match.groups())
    if match[1]:
        total = ((days * 24 + first) * 60 + second) * 60 + third
    elif match[4]:
        total = (first * 60 + second) * 60 + third
    else:
        total = first * 60 + second
    return float(-(-total // 60) * 60)  # Slurm counts whole minutes


def _memory(options: dict[str, str], name: str) -> int:
    match = re.fullmatch(r"(\d+)([KMGT]?)B?", options[name], re.IGNORECASE)
    if not match:
        raise Failed(f"sbatch: error: Invalid --{name} specification", 255)
    return -(-int(match[1]) * {"K": 1, "": 1024, "M": 1024, "G": 1024**2, "T": 1024**3}[match[2].upper()] // 1024)


def _array(text: str) -> tuple[tuple[int, ...], int | None]:
    list_, _, together = text.partition("%")
    try:
        indices = tuple(numbers(list_))
        limit = int(together) if together else None
    except ValueError:
        raise Failed(f"{SUBMISSION}Invalid job array specification") from None
    if indices[-1] > LARGEST_INDEX:
        raise Failed(f"{SUBMISSION}Invalid job array specification")
    return indices, limit


def _exported(call: Call, export: str) -> dict[str, str]:
    mine = dict(call.environment)
    plain = {
        "HOME": os.path.expanduser(f"~{call.user}"),
        "USER": call.user,
        "LOGNAME": call.user,
        "SHELL": "/bin/sh",
        "PATH": os.defpath,
    }
    if export == "ALL":
        return mine
    if export in ("NONE", "NIL"):
        return plain if export == "NONE" else {}
    exported: dict[str, str] = {} if "ALL" in export.split(",") else plain
    for part in re.findall(r"(?:[^,']|'[^']*')+", export):
        name, equals, value = part.partition("=")
        if name == "ALL":
            exported |= mine
        elif equals:
            exported[name] = value.replace("'", "")
        elif name in mine:
            exported[name] = mine[name]
    return exported


def filled(pattern: str, task: Task) -> str:
    """The name of an output file for a task."""
    values = {
        "%": "%",
        "A": str(task.job),
        "a": str(task.index if task.index is not None else 4294967294),
        "j": str(task.raw),
        "J": str(task.raw),
        "N": str(task.host),
        "n": "0",
        "s": "batch",
        "t": "0",
        "u": task.request.user,
        "x": task.request.name,
    }

    def value(match: re.Match[str]) -> str:
        text = values.get(match[2], match[0])
        return text.zfill(int(match[1])) if match[1] and text.isdigit() else text

    return re.sub(r"%(\d*)([%AajJNnstux])", value, pattern)


def files(task: Task) -> tuple[str, str]:
    """The paths of standard output and standard error of a task."""
    notes = task.request.notes
    default = "slurm-%A_%a.out" if task.index is not None else "slurm-%j.out"
    output = os.path.join(notes["directory"], filled(notes["output"] or default, task))
    error = os.path.join(notes["directory"], filled(notes["error"], task)) if notes["error"] else output
    return output, error


def _launch(slurm: Slurm, task: Task, spooled: str, environment: Mapping[str, str]) -> Launch:
    notes = task.request.notes
    script: Script = notes["script"]
    interpreter = shlex.split(script.text.splitlines()[0][2:])
    output, error = files(task)
    return Launch(
        arguments=[*interpreter, spooled, *script.arguments],
        environment={**environment, **_variables(slurm, task)},
        directory=notes["directory"],
        stdout=output,
        stderr=error,
        stdin=os.path.join(notes["directory"], filled(notes["input"], task)),
        append=notes["append"],
    )


def _variables(slurm: Slurm, task: Task) -> dict[str, str]:
    request, notes = task.request, task.request.notes
    host = str(task.host)
    values = {
        "SLURM_JOB_ID": str(task.raw),
        "SLURM_JOBID": str(task.raw),
        "SLURM_JOB_NAME": request.name,
        "SLURM_JOB_PARTITION": request.queue,
        "SLURM_JOB_USER": request.user,
        "SLURM_JOB_UID": str(notes["uid"]),
        "SLURM_JOB_ACCOUNT": notes["account"],
        "SLURM_JOB_QOS": notes["qos"],
        "SLURM_JOB_NODELIST": host,
        "SLURM_NODELIST": host,
        "SLURMD_NODENAME": host,
        "SLURM_JOB_NUM_NODES": "1",
        "SLURM_NNODES": "1",
        "SLURM_NODEID": "0",
        "SLURM_PROCID": "0",
        "SLURM_LOCALID": "0",
        "SLURM_JOB_CPUS_PER_NODE": str(request.cpus),
        "SLURM_CPUS_ON_NODE": str(request.cpus),
        "SLURM_SUBMIT_DIR": notes["directory"],
        "SLURM_SUBMIT_HOST": socket.gethostname(),
        "SLURM_CLUSTER_NAME": "ci",
    }
    if notes["per_cpu"]:
        values["SLURM_MEM_PER_CPU"] = str(request.memory // request.cpus)
    else:
        values["SLURM_MEM_PER_NODE"] = str(request.memory)
    if "--cpus-per-task" in notes["submit_line"] or notes["cpus_per_task"] > 1:
        values["SLURM_CPUS_PER_TASK"] = str(notes["cpus_per_task"])
    if request.indices is not None:
        values |= {
            "SLURM_ARRAY_JOB_ID": str(task.job),
            "SLURM_ARRAY_TASK_ID": str(task.index),
            "SLURM_ARRAY_TASK_COUNT": str(len(request.indices)),
            "SLURM_ARRAY_TASK_MIN": str(request.indices[0]),
            "SLURM_ARRAY_TASK_MAX": str(request.indices[-1]),
            "SLURM_ARRAY_TASK_STEP": str(request.indices[1] - request.indices[0] if len(request.indices) > 1 else 1),
        }
    if task.starts > 1:
        values["SLURM_RESTART_COUNT"] = str(task.starts - 1)
    return values
