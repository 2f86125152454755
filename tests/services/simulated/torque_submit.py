"""qsub: what a job asks for, how its tasks start, and where their output goes when they have ended."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from .arguments import BadOption, Grammar
from .engine import Refused
from .frontend import Call, Failed, Result
from .model import Launch, Request, Task
from .torque import (
    OVER_LIMIT,
    QUEUE_FULL,
    UNKNOWN_QUEUE,
    UNKNOWN_RESOURCE,
    Torque,
    array_indices,
    job_id,
    options_of,
)

QSUB = Grammar(
    "a|= A|= b|= c|= C|= d|= D|= e|= f| F|= h| I| j|= k|= K|= L|= l|= m|= M|= n| N|= o|= p|= P|= q|= r|= S|= t|= T|= "
    "u|= v|= V| w|= W|= x| X| z| version"
)
NOT_SIMULATED = ("a", "I", "x", "X", "D", "P", "c", "K", "L", "T", "b", "n", "f", "u")
RESOURCES = (
    "nodes ncpus procs mem pmem vmem pvmem walltime cput pcput file nice neednodes nodect software other arch opsys "
    "gres naccesspolicy feature"
)
FEASIBLE = (
    "cannot locate feasible nodes (nodes file is empty, all systems are busy, or no nodes have the requested feature)"
)


def qsub(torque: Torque, call: Call) -> Result:
    """Submit a job."""
    options, rest = options_of(call, QSUB, mixed=False)
    if "version" in options:
        return Result(0, "", "Version: 6.1.2\nCommit: simulated\n")
    name = "STDIN"
    if rest and rest[0] != "-":
        try:
            text = call.read(rest[0])
        except OSError:
            raise Failed(f"qsub: script file:: No such file or directory {rest[0]}") from None
        name = os.path.basename(rest[0])[:15]
    else:
        text = call.read_input()
    options = {**_directives(text, options.get("C", "#PBS")), **options}
    for option in NOT_SIMULATED:
        if option in options:
            raise Failed(f"qsub: the simulated cluster does not simulate -{option}", 70)
    request = _request(torque, call, options, text, name)
    try:
        job = torque.engine.submit(request)
    except Refused:
        user = f"{call.user}@{socket.gethostname()}"
        raise _refused(
            "Maximum number of jobs already in queue MSG=total number of current user's jobs exceeds the queue limit: "
            f"user {user}, queue {request.queue}",
            QUEUE_FULL,
        ) from None
    index = "[]" if request.indices is not None else ""
    return Result(0, "" if "z" in options else f"{job}{index}.{socket.gethostname()}\n")


def _refused(message: str, status: int) -> Failed:
    return Failed(f"qsub: submit error ({message})", status)


def _directives(text: str, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith(prefix):
            try:
                pairs, _ = QSUB.parse(shlex.split(line.removeprefix(prefix), comments=True))
            except BadOption as bad:
                raise Failed(f"qsub: {bad}\nusage: qsub [options]", 2) from None
            for name, value in pairs:
                found[name] = f"{found[name]},{value}" if name in "lvW" and name in found else value
        elif line.strip() and not line.startswith("#"):
            break
    return found


def _request(torque: Torque, call: Call, options: dict[str, str], text: str, name: str) -> Request:
    queue = options.get("q", "batch").partition("@")[0] or "batch"
    if queue not in torque.queues:
        raise _refused("Unknown queue MSG=cannot locate queue", UNKNOWN_QUEUE)
    if "depend" in options.get("W", ""):
        raise Failed("qsub: the simulated cluster does not simulate -W depend", 70)
    job_name = options.get("N", name)
    if not re.fullmatch(r"[^\s]+", job_name) or len(job_name) > 230:
        raise Failed("qsub: illegal -N value\nusage: qsub [options]", 2)
    resources = _resources(options.get("l", ""))
    cpus, hosts = _cpus(resources, torque)
    memory = _memory(resources.get("mem", "0")) or _memory(resources.get("pmem", "0")) * cpus
    seconds, most = _seconds(resources.get("walltime")), torque.queues[queue]
    if most is not None and seconds is not None and seconds > most:
        raise _refused(
            "Job exceeds queue resource limits MSG=cannot satisfy queue max walltime requirement", OVER_LIMIT
        )
    if not torque.engine.fits(cpus, memory, hosts):
        raise _refused(f"Job exceeds queue resource limits MSG={FEASIBLE}", OVER_LIMIT)
    indices, together = _array(options["t"]) if "t" in options else (None, None)
    variables = _variables(call, queue)
    environment = {**variables, **_exported(call, options)}
    path, spool = torque.spooled(text), torque.run / f"output-{os.urandom(8).hex()}"
    spool.mkdir()
    first = text.splitlines()[0] if text else ""
    interpreter = shlex.split(first[2:]) if first.startswith("#!") else [options.get("S", "/bin/sh")]
    shell = [options["S"]] if "S" in options else interpreter
    join = options.get("j", "n")
    arguments = [*shell, path, *shlex.split(options.get("F", ""))]

    def output_path(task: Task) -> str:
        return _path(call.directory, options.get("o"), task, "o")

    def error_path(task: Task) -> str:
        return _path(call.directory, options.get("e"), task, "e")

    return Request(
        name=job_name,
        user=call.user,
        launch=lambda task: _launch(task, arguments, environment, spool),
        cpus=cpus,
        memory=memory,
        seconds=seconds or most,
        memory_limit=memory or None,
        queue=queue,
        hosts=hosts,
        indices=indices,
        together=together,
        held="h" in options,
        requeue=options.get("r", "y") == "y",
        ended=lambda task: _deliver(task, spool, join),
        notes={
            "resources": resources,
            "variables": environment,
            "join": join,
            "directory": os.path.expanduser(os.path.join(f"~{call.user}", options.get("d", options.get("w", "")))),
            "output_path": output_path,
            "error_path": error_path,
            "submit_args": shlex.join(call.arguments),
        },
    )


def _resources(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        if name not in RESOURCES.split():
            raise _refused(f"Unknown resource type  {name}", UNKNOWN_RESOURCE)
        found[name] = value
    return found


def _cpus(resources: dict[str, str], torque: Torque) -> tuple[int, frozenset[str] | None]:
    cpus, hosts = 1, None
    for part in resources.get("nodes", "").split(":"):
        if part.startswith("ppn="):
            cpus = int(part.removeprefix("ppn="))
        elif part and not part.isdigit():
            hosts = frozenset([part])
        elif part and int(part) > 1:
            raise Failed("qsub: the simulated cluster does not simulate jobs on several nodes", 70)
    for name in ("ncpus", "procs"):
        cpus = max(cpus, int(resources.get(name, "1")))
    if hosts and not hosts <= {host.name for host in torque.engine.hosts}:
        raise _refused(f"Job exceeds queue resource limits MSG={FEASIBLE}", OVER_LIMIT)
    return cpus, hosts


def _memory(text: str) -> int:
    match = re.fullmatch(r"(\d+)([kmgt]?)([bw]?)", text, re.IGNORECASE)
    if not match:
        raise _refused("Illegal attribute or resource value Resource_List.mem", 166)
    size = int(match[1]) << 10 * " kmgt".index(match[2].lower() or " ")
    return -(-size * (8 if match[3].lower() == "w" else 1) // 2**20)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d+(:\d+){0,3}", text):
        raise _refused("Illegal attribute or resource value Resource_List.walltime", 166)
    total = 0
    for part, unit in zip(reversed(text.split(":")), (1, 60, 3600, 86400), strict=False):
        total += int(part) * unit
    return float(total)


def _array(text: str) -> tuple[tuple[int, ...], int | None]:
    list_, _, together = text.partition("%")
    try:
        return tuple(array_indices(list_)), int(together) if together else None
    except ValueError:
        raise _refused("Bad Job Array Request MSG=invalid array range", 224) from None


def _variables(call: Call, queue: str) -> dict[str, str]:
    found = {f"PBS_O_{name}": call.environment[name] for name in ("HOME", "LANG", "LOGNAME", "PATH", "MAIL", "SHELL")
             if name in call.environment}  # fmt: skip
    found |= {
        "PBS_O_QUEUE": queue,
        "PBS_O_WORKDIR": call.directory,
        "PBS_O_HOST": socket.gethostname(),
        "PBS_O_SERVER": socket.gethostname(),
    }
    return found


def _exported(call: Call, options: Mapping[str, str]) -> dict[str, str]:
    found = dict(call.environment) if "V" in options else {}
    for part in re.findall(r"""(?:[^,"'\\]|\\.|"[^"]*"|'[^']*')+""", options.get("v", "")):
        name, equals, value = part.partition("=")
        if not equals:
            if name in call.environment:
                found[name] = call.environment[name]
        elif len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            found[name] = value[1:-1]
        else:
            found[name] = re.sub(r"\\(.)", r"\1", value)
    return found


def _path(directory: str, given: str | None, task: Task, letter: str) -> str:
    index = "" if task.index is None else f"-{task.index}"
    if given is None:
        return os.path.join(directory, f"{task.request.name}.{letter}{task.job}{index}")
    path = os.path.join(directory, given.partition(":")[2] if re.match(r"[\w.-]*:", given) else given)
    path = path.replace("$PBS_JOBID", job_id(task)).replace("$PBS_ARRAYID", str(task.index))
    if os.path.isdir(path):
        return os.path.join(path, f"{job_id(task)}.{'OU' if letter == 'o' else 'ER'}")
    return path + index


def _launch(task: Task, arguments: list[str], environment: Mapping[str, str], spool: Path) -> Launch:
    request, host = task.request, str(task.host)
    home = os.path.expanduser(f"~{request.user}")
    nodes = spool / f"{task.index or 0}.nodes"
    nodes.write_text(f"{host}\n" * request.cpus)
    variables = {
        "HOME": home,
        "USER": request.user,
        "LOGNAME": request.user,
        "SHELL": "/bin/sh",
        "PATH": os.defpath,
        **environment,
        "PBS_ENVIRONMENT": "PBS_BATCH",
        "PBS_JOBID": job_id(task),
        "PBS_JOBNAME": request.name + (f"-{task.index}" if task.index is not None else ""),
        "PBS_QUEUE": request.queue,
        "PBS_NODEFILE": str(nodes),
        "PBS_NODENUM": "0",
        "PBS_NUM_NODES": "1",
        "PBS_NUM_PPN": str(request.cpus),
        "PBS_NP": str(request.cpus),
        "PBS_TASKNUM": "1",
        "PBS_VNODENUM": "0",
        "PBS_VERSION": "TORQUE-6.1.2",
        "PBS_WALLTIME": str(int(request.seconds or 0)),
    }
    if task.index is not None:
        variables["PBS_ARRAYID"] = str(task.index)
    return Launch(
        arguments=arguments,
        environment=variables,
        directory=request.notes["directory"],
        stdout=str(spool / f"{task.index or 0}.OU"),
        stderr=str(spool / f"{task.index or 0}.ER") if request.notes["join"] == "n" else None,
    )


def _deliver(task: Task, spool: Path, join: str) -> None:
    notes = task.request.notes
    out, err = notes["output_path"](task), notes["error_path"](task)
    copies = {"n": (("OU", out), ("ER", err)), "oe": (("OU", out),), "eo": (("OU", err),)}[join]
    for suffix, target in copies:
        source = spool / f"{task.index or 0}.{suffix}"
        if source.exists() and os.path.isdir(os.path.dirname(target)):
            shutil.copyfile(source, target)
