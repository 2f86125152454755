"""scontrol and sinfo: jobs one by one, partitions and hosts."""

from __future__ import annotations

import dataclasses
import re
import socket
from collections.abc import Callable

from .arguments import Grammar
from .frontend import Call, Failed, Result
from .model import End, Host, Task
from .slurm import CONNECT, VERSION, Slurm, duration, host_list, long_duration, parse_options, state
from .slurm_fields import Row, elapsed, exit_code, limit, memory, reason, rows, stamp, task_ids
from .slurm_submit import files

SCONTROL = Grammar(
    "a|all d|details F|federation help hide json local M|clusters= o|oneliner Q|quiet sibling uid= V|version "
    "v|verbose yaml"
)
SINFO = Grammar(
    "a|all d|dead e|exact federation F|future h|noheader help hide i|iterate= json l|long local M|clusters= "
    "N|Node n|nodes= noconvert O|Format= o|format= p|partition= R|list-reasons r|responding S|sort= "
    "s|summarize T|reservation t|states= usage V|version v|verbose"
)
DEFAULT = "%9P %.5a %.10l %.6D %.6t %N"
NODE_DEFAULT = "%8N %.6D %.9P %6t"
NO_INDEX = 4294967294
NO_JOB = "slurm_load_jobs error: Invalid job id specified"


def scontrol(slurm: Slurm, call: Call) -> Result:
    """Show and change jobs."""
    found, rest = parse_options(call, SCONTROL)
    options = dict(found)
    if "version" in options:
        return Result(0, f"{VERSION}\n")
    verb = rest[0] if rest else ""
    verbs: dict[str, Callable[[], Result]] = {
        "show": lambda: _show(slurm, rest[1:], "oneliner" in options),
        "ping": lambda: Result(0, f"Slurmctld(primary) at {socket.gethostname()} is UP\n"),
        "hold": lambda: _hold(slurm, rest[1:], True),
        "release": lambda: _hold(slurm, rest[1:], False),
        "requeue": lambda: _requeue(slurm, rest[1:]),
    }
    if verb not in verbs:
        raise Failed(f"invalid keyword: {verb}")
    return verbs[verb]()


def _show(slurm: Slurm, words: list[str], one_line: bool) -> Result:
    if not words:
        raise Failed("too few arguments for keyword:show")
    entity, equals, name = words[0].partition("=")
    name = name if equals else "".join(words[1:2])
    one_line = one_line or "-o" in words
    if re.fullmatch("jobs?|jobid", entity.lower()):
        return _show_jobs(slurm, name, one_line)
    if entity.startswith("part"):
        partitions = [each for each in slurm.partitions if name in ("", each)]
        if not partitions:
            return Result(1, f"Partition {name} not found\n")
        return Result(0, "".join(_partition(slurm, each) for each in partitions))
    if entity.startswith("node"):
        hosts = [host for host in slurm.engine.hosts if name in ("", host.name)]
        if not hosts:
            return Result(1, f"Node {name} not found\n")
        return Result(0, "".join(_node(slurm, host) for host in hosts))
    if entity == "hostnames":
        return Result(0, "".join(f"{host}\n" for host in sorted(slurm.hosts_named(name))))
    if entity == "config":
        lines = {
            "AccountingStorageType": "accounting_storage/slurmdbd",
            "ClusterName": "ci",
            "JobRequeue": "0",
            "MaxArraySize": "10001",
            "MaxJobCount": "20000",
            "MinJobAge": "300 sec",
            "SLURM_VERSION": "22.05.8",
        }
        if not slurm.engine.faults.history:
            lines["AccountingStorageType"] = "accounting_storage/none"
        return Result(0, "".join(f"{key:<23} = {value}\n" for key, value in lines.items()))
    raise Failed(f"invalid entity:{entity} for keyword:show ")


def _show_jobs(slurm: Slurm, name: str, one_line: bool) -> Result:
    lines = rows(slurm.engine.shown())
    if name:
        job, _, index = name.partition("_")
        if not job.isdigit():
            raise Failed("scontrol_print_job error: Invalid job id specified")
        lines = [
            row
            for row in lines
            if int(job) in (row.task.job, row.task.raw)
            and (not index or (index.isdigit() and int(index) in (row.indices or (row.task.index,))))
        ]
        if not lines:
            raise Failed(NO_JOB)
    elif not lines:
        return Result(0, "No jobs in the system\n")
    between, end = (" ", " \n") if one_line else ("\n   ", "\n   \n\n")
    return Result(0, "".join(between.join(_job(slurm, row)) + end for row in lines))


def _job(slurm: Slurm, row: Row) -> list[str]:
    task, request, notes = row.task, row.task.request, row.task.request.notes
    output, error = files(dataclasses.replace(task, index=NO_INDEX) if row.waiting else task)
    name = f"JobName={request.name}"
    if task.index is not None:
        throttle = f"ArrayTaskThrottle={request.together} " if request.together else ""
        name = f"ArrayJobId={task.job} ArrayTaskId={task_ids(row)} {throttle}{name}"
    status, number = exit_code(task)
    end = task.ended
    if end is None and task.started is not None and request.seconds is not None:
        end = task.started + request.seconds
    per = f"MinMemoryCPU={memory(request.memory // request.cpus)}"
    if not notes["per_cpu"]:
        per = f"MinMemoryNode={memory(request.memory)}"
    script = notes["script"]
    restarts = max(0, task.starts - 1)
    tasks = f"NumTasks={notes['ntasks']} CPUs/Task={notes['cpus_per_task']}"
    return [
        f"JobId={task.raw} {name}",
        f"UserId={request.user}({notes['uid']}) GroupId={request.user}({notes['uid']}) MCS_label=N/A",
        f"Priority={0 if task.held else 4294901760 - task.job} Nice=0 Account={notes['account']} QOS={notes['qos']}",
        f"JobState={state(task)} Reason={reason(task)} Dependency=(null)",
        f"Requeue={int(request.requeue)} Restarts={restarts} BatchFlag=1 Reboot=0 ExitCode={status}:{number}",
        f"RunTime={long_duration(elapsed(task))} TimeLimit={limit(request.seconds)} TimeMin=N/A",
        f"SubmitTime={stamp(task.submitted)} EligibleTime={'Unknown' if task.held else stamp(task.submitted)}",
        f"AccrueTime={'Unknown' if task.held else stamp(task.submitted)}",
        f"StartTime={stamp(task.started, 'Unknown')} EndTime={stamp(end, 'Unknown')} Deadline=N/A",
        f"SuspendTime=None SecsPreSuspend=0 LastSchedEval={stamp(task.started or task.submitted)} Scheduler=Main",
        f"Partition={request.queue} AllocNode:Sid=localhost:1",
        "ReqNodeList=(null) ExcNodeList=(null)",
        f"NodeList={task.host or ''}",
        *([f"BatchHost={task.host}"] if task.host else []),
        f"NumNodes=1 NumCPUs={request.cpus} {tasks} ReqB:S:C:T=0:0:*:*",
        f"TRES=cpu={request.cpus},mem={memory(request.memory)},node=1,billing={request.cpus}",
        "Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=*",
        f"MinCPUsNode={notes['cpus_per_task']} {per} MinTmpDiskNode=0",
        "Features=(null) DelayBoot=00:00:00",
        "OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null)",
        f"Command={' '.join([script.path, *script.arguments]) if script.path else '(null)'}",
        f"WorkDir={notes['directory']}",
        *([f"Comment={notes['comment']} "] if notes["comment"] else []),
        f"StdErr={error}",
        f"StdIn={notes['input']}",
        f"StdOut={output}",
        "Power=",
    ]


def _partition(slurm: Slurm, name: str) -> str:
    allowed = slurm.hosts_of(name)
    hosts = [host for host in slurm.engine.hosts if allowed is None or host.name in allowed]
    cpus, mebibytes = sum(host.cpus for host in hosts), sum(host.memory for host in hosts)
    most = slurm.partitions[name]
    return (
        f"PartitionName={name}\n"
        "   AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL\n"
        f"   AllocNodes=ALL Default={'YES' if name == 'main' else 'NO'} QoS=N/A\n"
        f"   DefaultTime={limit(slurm.default_seconds[name])} "
        "DisableRootJobs=NO ExclusiveUser=NO GraceTime=0 Hidden=NO\n"
        f"   MaxNodes=UNLIMITED MaxTime={limit(most)} MinNodes=0 LLN=NO MaxCPUsPerNode=UNLIMITED\n"
        f"   Nodes={host_list(host.name for host in hosts)}\n"
        "   PriorityJobFactor=1 PriorityTier=1 RootOnly=NO ReqResv=NO OverSubscribe=NO\n"
        "   OverTimeLimit=NONE PreemptMode=OFF\n"
        f"   State=UP TotalCPUs={cpus} TotalNodes={len(hosts)} SelectTypeParameters=NONE\n"
        "   JobDefaults=(null)\n"
        "   DefMemPerNode=UNLIMITED MaxMemPerNode=UNLIMITED\n"
        f"   TRES=cpu={cpus},mem={mebibytes}M,node={len(hosts)},billing={cpus}\n\n"
    )


def _node_state(slurm: Slurm, host: Host) -> str:
    cpus, _, _ = slurm.engine.used(host)
    if not host.up:
        return "down"
    return "idle" if cpus == 0 else "allocated" if cpus >= host.cpus else "mixed"


def _node(slurm: Slurm, host: Host) -> str:
    cpus, mebibytes, _ = slurm.engine.used(host)
    partitions = [each for each in slurm.partitions if host.name in (slurm.hosts_of(each) or {host.name})]
    return (
        f"NodeName={host.name} Arch=x86_64 CoresPerSocket={host.cpus} \n"
        f"   CPUAlloc={cpus} CPUEfctv={host.cpus} CPUTot={host.cpus} CPULoad=0.00\n"
        "   AvailableFeatures=(null)\n   ActiveFeatures=(null)\n   Gres=(null)\n"
        f"   NodeAddr=127.0.0.1 NodeHostName={host.name} Version=22.05.8\n"
        f"   RealMemory={host.memory} AllocMem={mebibytes} FreeMem={host.memory} Sockets=1 Boards=1\n"
        f"   State={_node_state(slurm, host).upper()} ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A MCS_label=N/A\n"
        f"   Partitions={','.join(partitions)} \n"
        f"   CfgTRES=cpu={host.cpus},mem={host.memory}M,billing={host.cpus}\n\n"
    )


def _hold(slurm: Slurm, words: list[str], held: bool) -> Result:
    for word in words:
        _change(slurm, word, lambda task: slurm.engine.release(task, held))
    return Result()


def _requeue(slurm: Slurm, words: list[str]) -> Result:
    def again(task: Task) -> None:
        if not task.request.requeue:
            raise Failed(f"Requested operation is presently disabled for job {task.job}")
        slurm.engine.end(task, End.PREEMPTED)

    for word in words:
        _change(slurm, word, again)
    return Result()


def _change(slurm: Slurm, word: str, change: Callable[[Task], None]) -> None:
    job, _, index = word.partition("_")
    tasks = [
        task
        for task in slurm.engine.shown()
        if job.isdigit() and int(job) in (task.job, task.raw) and index in ("", str(task.index))
    ]
    if not tasks:
        raise Failed(f"Invalid job id specified for job {word}\nslurm_suspend error: Invalid job id specified")
    for task in tasks:
        change(task)


def sinfo(slurm: Slurm, call: Call) -> Result:
    """Show partitions and hosts."""
    found, _ = parse_options(call, SINFO)
    options = dict(found)
    if "version" in options:
        return Result(0, f"{VERSION}\n")
    pattern = options.get("format", NODE_DEFAULT if "Node" in options else DEFAULT)
    groups: dict[str, list[Host]] = {}
    wanted = options.get("partition", "").split(",") if "partition" in options else list(slurm.partitions)
    for name in [each for each in slurm.partitions if each in wanted]:
        allowed = slurm.hosts_of(name)
        for host in slurm.engine.hosts:
            if allowed is None or host.name in allowed:
                bare = re.sub(r"%\.?\d*[ND]", "", pattern)
                key = f"{name}\0{_node_line(slurm, bare, name, [host])}"
                key += host.name if "Node" in options else ""
                groups.setdefault(key, []).append(host)
    lines = [] if "noheader" in options else [_node_line(slurm, pattern, None, [])]
    shows_partition = re.search(r"%\.?\d*[Pal]", pattern) or "Node" in options
    seen: dict[str, None] = {}
    for key, hosts in groups.items():
        line = _node_line(slurm, pattern, key.partition("\0")[0], hosts)
        if shows_partition or line not in seen:
            lines.append(line)
        seen[line] = None
    return Result(0, "".join(f"{line}\n" for line in lines))


def _node_line(slurm: Slurm, pattern: str, partition: str | None, hosts: list[Host]) -> str:
    headers = {
        "P": "PARTITION",
        "R": "PARTITION",
        "a": "AVAIL",
        "l": "TIMELIMIT",
        "D": "NODES",
        "t": "STATE",
        "T": "STATE",
        "N": "NODELIST",
        "n": "HOSTNAMES",
        "c": "CPUS",
        "m": "MEMORY",
        "G": "GRES",
        "C": "CPUS(A/I/O/T)",
        "M": "PREEMPT_MODE",
    }
    values = headers
    if partition is not None:
        most = slurm.partitions[partition]
        taken = sum(slurm.engine.used(host)[0] for host in hosts)
        total = sum(host.cpus for host in hosts)
        full = _node_state(slurm, hosts[0])
        values = {
            "P": f"{partition}*" if partition == "main" else partition,
            "R": partition,
            "a": "up",
            "l": "infinite" if most is None else duration(most),
            "D": str(len(hosts)),
            "t": {"allocated": "alloc", "mixed": "mix"}.get(full, full),
            "T": full,
            "N": host_list(host.name for host in hosts),
            "n": hosts[0].name,
            "c": str(hosts[0].cpus),
            "m": str(hosts[0].memory),
            "G": "(null)",
            "C": f"{taken}/{total - taken}/0/{total}",
            "M": "OFF",
        }

    def one(match: re.Match[str]) -> str:
        if match[3] not in headers:
            raise Failed(f"sinfo: the simulated cluster does not simulate the format %{match[3]}", 70)
        width = int(match[2] or 0)
        text = values[match[3]]
        if not width:
            return text
        return text[:width].rjust(width) if match[1] else text[:width].ljust(width)

    return re.sub(r"%(\.?)(\d*)([a-zA-Z])", one, pattern)


def unreachable(call: Call) -> Result:
    """What scontrol answers when the controller is down."""
    if "ping" in call.arguments:
        stars = "*" * 41
        down = f"Slurmctld(primary) at {socket.gethostname()} is DOWN\n"
        return Result(1, f"{down}{stars}\n** RESTORE SLURMCTLD DAEMON TO SERVICE **\n{stars}\n")
    return Result(1, "", f"slurm_load_jobs error: {CONNECT}\n")
