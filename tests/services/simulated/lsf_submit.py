"""bsub: what a job asks for, how its tasks start, and the report that LSF puts before their output."""

from __future__ import annotations

import os
import re
import shlex
import socket
import time
from pathlib import Path

from .engine import Refused
from .frontend import Call, Failed, Result
from .lsf import CLUSTER, Lsf, clock, exit_code, name, options_of, refuse_unsimulated
from .model import Launch, Request, Task

BSUB = (
    "J= o= oo= e= eo= q= P= n= R= M= W= We= cwd= env= K H r rn N B u= x m= G= g= app= a= E= Ep= w= sp= gpu= "
    "L= i= is= I Ip Is outdir= v= S= C= c= D= F= p= T= Q= Jd= b= t= U= ul h V ti hl notify= sla= Lp= ptl= "
    "eptl= freq= ext= core_isolation= pack= jsdl= stage= data= alloc_flags= cn_mem= nnodes= wt= wa= Zs f= k= "
    "mig= s= oee= Ne Nd"
)
NOT_SIMULATED = ("w", "b", "t", "I", "Ip", "Is", "gpu", "pack", "jsdl", "k", "E", "Ep", "nnodes")
MAX_ARRAY = 1000
NOT_SUBMITTED = "Job not submitted."


def bsub(lsf: Lsf, call: Call) -> Result:
    """Submit a job."""
    options, command = options_of(call, BSUB, mixed=False)
    if command:
        text, shown = _joined(command), _joined(command)
        interpreter = ["/bin/sh"]
    else:
        text = call.read_input()
        options = {**_directives(call, text), **options}
        interpreter = shlex.split(text.splitlines()[0][2:]) if text.startswith("#!") else ["/bin/sh"]
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        shown = ";".join(lines)
        if not lines:
            raise Failed(f"No command is specified. {NOT_SUBMITTED}", 255)
    refuse_unsimulated(call, options, *NOT_SIMULATED)
    request = _request(lsf, call, options, (interpreter, lsf.spooled(text + "\n"), text, shown))
    try:
        job = lsf.engine.submit(request)
    except Refused:
        raise Failed(f"{call.user}: Pending job threshold reached. {NOT_SUBMITTED}", 255) from None
    kind = "queue" if "q" in options else "default queue"
    out = f"Job <{job}> is submitted to {kind} <{request.queue}>.\n"
    if "K" not in options:
        return Result(0, out)
    tasks = [task for task in lsf.engine.true() if task.job == job]
    lsf.engine.wait(lambda: all(task.ended for task in tasks))
    out += f"<<Waiting for dispatch ...>>\n<<Starting on {tasks[0].host}>>\n<<Job is finished>>\n"
    return Result(max(exit_code(task) for task in tasks), out)


def _joined(command: list[str]) -> str:
    quoted = [f"'{word}'" if '"' in word else f'"{word}"' if " " in word else word for word in command[1:]]
    return " ".join([command[0], *quoted])


def _directives(call: Call, text: str) -> dict[str, str]:
    words: list[str] = []
    for line in text.splitlines():
        if line.startswith("#BSUB"):
            words += shlex.split(line.removeprefix("#BSUB"), comments=True)
    inner = Call(call.command, words, call.environment, call.directory, call.uid, call.read_input)
    return options_of(inner, BSUB)[0]


def _request(lsf: Lsf, call: Call, options: dict[str, str], script: tuple[list[str], str, str, str]) -> Request:
    queue = options.get("q", "normal").split()[0]
    if queue not in lsf.queues:
        raise Failed(f"{queue}: No such queue. {NOT_SUBMITTED}", 255)
    job_name, indices, together = _array(options.get("J", script[3]))
    if "J" not in options:
        job_name, indices, together = script[3], None, None
    cpus = _number(options.get("n", "1").partition(",")[0])
    seconds, most = _run_limit(options.get("W")), lsf.queues[queue]
    if seconds and most and seconds > most:
        raise Failed(f"RUNLIMIT: Cannot exceed queue's hard limit(s). {NOT_SUBMITTED}", 255)
    memory = _reserved(lsf, options.get("R", ""), cpus)
    limit = lsf.mebibytes(options["M"]) if "M" in options else None
    if "M" in options and limit is None:
        raise Failed(f"{options['M']}: Illegal memory limit value. {NOT_SUBMITTED}", 255)
    interpreter, path, text, shown = script
    environment = _exported(call, options.get("env", "all"))
    spool = lsf.run / f"output-{os.urandom(8).hex()}"
    spool.mkdir()
    return Request(
        name=job_name,
        user=call.user,
        launch=lambda task: _launch(task, [*interpreter, path], environment, spool),
        cpus=cpus,
        memory=memory,
        seconds=seconds or most,
        memory_limit=limit,
        queue=queue,
        hosts=frozenset(re.split(r"[\s+!]+", options["m"])) if "m" in options else None,
        indices=indices,
        together=together,
        held="H" in options,
        requeue="r" in options,
        ended=lambda task: _deliver(task, spool),
        notes={
            "command": shown,
            "text": text,
            "directory": call.path(options.get("cwd", ".")),
            "submit_directory": call.directory,
            "output": options.get("oo", options.get("o")),
            "error": options.get("eo", options.get("e")),
            "overwrite": "oo" in options,
            "overwrite_error": "eo" in options,
            "input": options.get("i", options.get("is", "/dev/null")),
            "report": "N" not in options,
            "project": options.get("P", "default"),
            "requirement": options.get("R", ""),
            "memory_limit": limit,
            "run_limit": seconds or most,
            "description": options.get("Jd", ""),
            "home": os.path.expanduser(f"~{call.user}"),
        },
    )


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d*", text):
        raise Failed(f"{text}: Bad argument for option -n. {NOT_SUBMITTED}", 255)
    return int(text)


def _array(text: str) -> tuple[str, tuple[int, ...] | None, int | None]:
    match = re.fullmatch(r"(.*?)\[([^\]]*)\](?:%(\d+))?", text, re.DOTALL)
    if not match:
        return text, None, None
    indices: list[int] = []
    for part in match[2].split(","):
        numbers = re.fullmatch(r"\s*(\d+)(?:-(\d+)(?::(\d+))?)?\s*", part)
        if not numbers or int(numbers[1]) == 0:
            raise Failed(f"Bad job name. {NOT_SUBMITTED}", 255)
        indices += range(int(numbers[1]), int(numbers[2] or numbers[1]) + 1, int(numbers[3] or 1))
    if max(indices) > MAX_ARRAY:
        raise Failed(f"Array index too large in job name. {NOT_SUBMITTED}", 255)
    return match[1], tuple(indices), int(match[3]) if match[3] else None


def _run_limit(text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(?:(\d+):)?(\d+)(?:/.*)?", text)
    if not match:
        raise Failed(f"{text}: Bad RUNLIMIT specification. {NOT_SUBMITTED}", 255)
    return (int(match[1] or 0) * 60 + int(match[2])) * 60.0


def _reserved(lsf: Lsf, requirement: str, cpus: int) -> int:
    if requirement.count("[") != requirement.count("]") or not re.fullmatch(
        r"(\s*(select|rusage|span|order|same|cu|affinity)\[[^\]]*\]|[^\[\]]*)*", requirement
    ):
        raise Failed(f"Bad resource requirement syntax. {NOT_SUBMITTED}", 255)
    memory = 0
    for inside in re.findall(r"rusage\[([^\]]*)\]", requirement):
        match = re.search(r"\bmem\s*=\s*([\d.]+\w*)", inside)
        if match:
            memory = lsf.mebibytes(match[1]) or 0
    return memory * (cpus if lsf.per_core else 1)


def _exported(call: Call, text: str) -> dict[str, str]:
    mine = dict(call.environment)
    environment: dict[str, str] = {}
    for word in text.split(","):
        variable, equals, value = word.strip().partition("=")
        if variable == "all":
            environment |= mine
        elif variable.startswith("~"):
            environment.pop(variable[1:], None)
        elif equals:
            environment[variable] = value
        elif variable != "none" and variable in mine:
            environment[variable] = mine[variable]
    if "all" not in text.split(","):
        environment = {
            "HOME": os.path.expanduser(f"~{call.user}"),
            "USER": call.user,
            "PATH": os.defpath,
            **environment,
        }
    return environment


def file_of(task: Task, key: str) -> str | None:
    """The path of an output file of a task, if it was given one."""
    pattern = task.request.notes[key]
    if pattern is None:
        return None
    path = os.path.join(task.request.notes["submit_directory"], pattern)
    path = path.replace("%J", str(task.job)).replace("%I", str(task.index or 0))
    return os.path.join(path, f"{task.job}.{'out' if key == 'output' else 'err'}") if os.path.isdir(path) else path


def _launch(task: Task, arguments: list[str], environment: dict[str, str], spool: Path) -> Launch:
    request, notes = task.request, task.request.notes
    host = str(task.host)
    variables = {
        "LSB_JOBID": str(task.job),
        "LSB_JOBINDEX": str(task.index or 0),
        "LSB_BATCH_JID": str(task.job) + (f"[{task.index}]" if task.index is not None else ""),
        "LSB_JOBNAME": name(task),
        "LSB_QUEUE": request.queue,
        "LSB_HOSTS": " ".join([host] * request.cpus),
        "LSB_MCPU_HOSTS": f"{host} {request.cpus} ",
        "LSB_DJOB_NUMPROC": str(request.cpus),
        "LSB_SUB_HOST": socket.gethostname(),
        "LSB_SUB_USER": request.user,
        "LSFUSER": request.user,
        "LS_SUBCWD": notes["submit_directory"],
        "LS_EXECCWD": notes["directory"],
    }
    if request.indices is not None:
        variables["LSB_JOBINDEX_END"] = str(request.indices[-1])
        variables["LSB_JOBINDEX_STEP"] = "1"
    for key, variable in (("output", "LSB_OUTPUTFILE"), ("error", "LSB_ERRORFILE")):
        path = file_of(task, key)
        if path is not None:
            variables[variable] = path
    return Launch(
        arguments=arguments,
        environment={**environment, **variables},
        directory=notes["directory"],
        stdout=str(spool / f"{task.index or 0}.out"),
        stderr=str(spool / f"{task.index or 0}.err") if notes["error"] else None,
        stdin=os.path.join(notes["submit_directory"], notes["input"]),
    )


def _deliver(task: Task, spool: Path) -> None:
    """Put what a task wrote, after LSF's report, where it is to go; without `-o` LSF would mail it."""
    notes = task.request.notes
    if task.started is None:
        return
    error = file_of(task, "error")
    if error is not None:
        _put(spool / f"{task.index or 0}.err", error, b"", b"", notes["overwrite_error"])
    output = file_of(task, "output")
    if output is not None:
        report = _report(task).encode(errors="surrogateescape") if notes["report"] else b""
        after = f"\n\nPS:\n\nRead file <{error}> for stderr output of this job.\n\n" if error else "\n"
        _put(spool / f"{task.index or 0}.out", output, report, after.encode() if report else b"", notes["overwrite"])


def _put(source: Path, target: str, before: bytes, after: bytes, overwrite: bool) -> None:
    written = source.read_bytes() if source.exists() else b""
    try:
        with open(target, "wb" if overwrite else "ab") as file:
            file.write(before + written + after)
    except OSError:
        pass  # LSF would mail it


def _report(task: Task) -> str:
    request, notes = task.request, task.request.notes
    assert task.started is not None
    assert task.ended is not None
    code = exit_code(task)
    ended = "Successfully completed." if code == 0 else f"Exited with exit code {code}."
    year = time.strftime(" %Y")
    host, user = task.host, request.user
    line = "-" * 60
    return (
        f"Sender: LSF System <lsfadmin@{host}>\n"
        f"Subject: Job {task.job}: <{name(task)}> in cluster <{CLUSTER}> {'Done' if code == 0 else 'Exited'}\n\n"
        f"Job <{name(task)}> was submitted from host <{socket.gethostname()}> by user <{user}> in cluster <{CLUSTER}> "
        f"at {clock(task.submitted)}{year}\n"
        f"Job was executed on host(s) <{host}>, in queue <{request.queue}>, as user <{user}> in cluster <{CLUSTER}> "
        f"at {clock(task.started)}{year}\n"
        f"<{notes['home']}> was used as the home directory.\n"
        f"<{notes['directory']}> was used as the working directory.\n"
        f"Started at {clock(task.started)}{year}\n"
        f"Terminated at {clock(task.ended)}{year}\n"
        f"Results reported at {clock(task.ended)}{year}\n\n"
        f"Your job looked like:\n\n{line}\n# LSBATCH: User input\n{notes['text'].rstrip()}\n{line}\n\n"
        f"{ended}\n\n"
        "Resource usage summary:\n\n"
        f"    CPU time :                                   {task.cpu_seconds:.2f} sec.\n"
        f"    Max Memory :                                 {task.rss >> 20} MB\n"
        f"    Run time :                                   {int(task.ended - task.started)} sec.\n"
        f"    Turnaround time :                            {int(task.ended - task.submitted)} sec.\n\n"
        "The output (if any) follows:\n\n"
    )
