"""condor_submit: the language of submit files, what a job asks for, and how its tasks start."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from .classads import BadExpression, evaluate
from .condor_jobs import ADDRESS, for_task, log_end, log_event
from .engine import Refused
from .frontend import Call, Failed, FrontEnd, Result
from .model import Launch, Request, Task

SUBMITTING = "Submitting job(s)"
NEVER = 10**9
KNOWN = (
    "universe executable arguments args environment env getenv output error input log initialdir initial_dir "
    "request_cpus request_memory request_disk request_gpus requirements rank priority prio notification notify_user "
    "should_transfer_files when_to_transfer_output transfer_input_files transfer_output_files transfer_executable "
    "hold leave_in_queue periodic_remove periodic_release allowed_job_duration allowed_execute_duration batch_name "
    "accounting_group accounting_group_user stream_output stream_error concurrency_limits nice_user "
    "job_lease_duration kill_sig remove_kill_sig job_max_vacate_time description coresize run_as_owner"
)
NOT_SIMULATED = (
    "max_retries periodic_hold on_exit_hold on_exit_remove max_materialize max_idle retry_until success_exit_code "
    "deferral_time container_image docker_image"
)
VARYING = r"\$\((process|procid|step|row|item|itemindex|cluster|clusterid)\)"


def submit(condor: FrontEnd, call: Call) -> Result:
    """Submit jobs."""
    options, file, settings = _options(call)
    if file in (None, "-"):
        text = call.read_input()
    else:
        try:
            text = call.read(str(file))
        except OSError as error:
            raise Failed(f"\nERROR: Failed to open command file ({file}) ({error.strerror})") from None
    described, queued = _described(text, settings)
    count, variable, items = _queue(options.get("queue", queued))
    rows = [dict.fromkeys([variable], item) if variable else {} for item in items for _ in range(count)]
    if "batch-name" in options:
        described["batch_name"] = options["batch-name"]
    request = _request(condor, call, described, rows)
    try:
        job = condor.engine.submit(request)
    except Refused:
        raise _refused(
            "\nERROR: Number of submitted jobs would exceed MAX_JOBS_PER_OWNER\n\nERROR: Failed to create cluster"
        ) from None
    for task in condor.engine.true():
        if task.job == job:
            log_event(task, 0, f"Job submitted from host: {ADDRESS}")
    last = len(rows) - 1
    if "terse" in options:
        return Result(0, f"{job}.0 - {job}.{last}\n")
    dots = "." * len(rows)
    unused = "".join(
        f"WARNING: the line '{name} = {value}' was unused by condor_submit. Is it a typo?\n"
        for name, value in described.items()
        if not name.startswith(("+", "my.")) and name not in KNOWN.split() and not _is_used(name, described)
    )
    return Result(0, f"{SUBMITTING}{dots}\n{len(rows)} job(s) submitted to cluster {job}.\n", unused)


def _refused(message: str) -> Failed:
    failure = Failed(message)
    failure.result = failure.result._replace(out=SUBMITTING)
    return failure


def _options(call: Call) -> tuple[dict[str, str], str | None, dict[str, str]]:
    flags = ("terse", "verbose", "unused", "debug", "spool", "disable", "interactive")
    valued = ("file", "append", "a", "name", "pool", "batch-name", "remote", "queue", "password", "maxjobs", "dry-run")
    options: dict[str, str] = {}
    settings: dict[str, str] = {}
    file = None
    words = list(call.arguments)
    while words:
        word = words.pop(0)
        name = word.lstrip("-")
        if word == "-" or not word.startswith("-"):
            key, equals, value = word.partition("=")
            if equals:
                settings[key.strip().lower()] = value.strip()
            else:
                file = word
        elif name in ("append", "a") and words:
            key, _, value = words.pop(0).partition("=")
            settings[key.strip().lower()] = value.strip()
        elif name == "file" and words:
            file = words.pop(0)
        elif name in valued and words:
            options[name] = words.pop(0)
            while name == "queue" and words:
                options[name] += " " + words.pop(0)
        elif name in flags:
            options[name] = ""
        else:
            raise Failed("Usage: condor_submit [options] [<attrib>=<value>] [- | <submit-file>]")
    for name in ("spool", "remote", "interactive", "dry-run", "name", "pool"):
        if name in options:
            raise Failed(f"condor_submit: the simulated cluster does not simulate -{name}", 70)
    return options, file, settings


def _described(text: str, settings: Mapping[str, str]) -> tuple[dict[str, str], str]:
    described: dict[str, str] = {}
    queued = ""
    for number, line in enumerate(re.sub(r"\\\n\s*", "", text).splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if re.match(r"queue\b", line, re.IGNORECASE) and "=" not in line.split()[0]:
            if queued:
                raise Failed("condor_submit: the simulated cluster does not simulate several queue statements", 70)
            queued = line
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise _refused(
                f"\nERROR: on Line {number} of submit file: \n\nERROR: Failed to parse command file (line {number})."
            )
        name = name.strip()
        described[name if name.startswith("+") else name.lower()] = value.strip()
    if not queued:
        count = len(text.splitlines())
        where = f"Line {count} of submit file: no queue statement"
        raise _refused(f"\nERROR: on {where}\n\nERROR: Failed to parse command file (line {count}).")
    return {**described, **settings}, queued


def _queue(line: str) -> tuple[int, str | None, list[str]]:
    pattern = r"(?:queue\b)?\s*(\d+)?\s*(?:(\w+)?\s*(in|from|matching)\s*(.*))?"
    match = re.fullmatch(pattern, line.strip(), re.IGNORECASE)
    if not match:
        raise _refused("\nERROR: invalid Queue statement")
    count = int(match[1]) if match[1] else 1
    if not match[3]:
        return count, None, [""]
    if match[3].lower() != "in":
        raise Failed(f"condor_submit: the simulated cluster does not simulate queue {match[3]}", 70)
    items = [item for item in re.split(r"[\s,]+", match[4].strip("()")) if item]
    return count, (match[2] or "item").lower(), items


def _expanded(text: str, described: Mapping[str, str]) -> str:
    for _ in range(20):
        before = text
        text = re.sub(r"\$ENV\((\w+)\)", lambda match: os.environ.get(match[1], "UNDEFINED"), text)
        text = re.sub(
            r"\$\((\w+)(?::([^)]*))?\)",
            lambda match: (
                match[0]
                if re.fullmatch(VARYING, match[0], re.IGNORECASE) and match[1].lower() not in described
                else described.get(match[1].lower(), match[2] or "")
            ),
            text,
        )
        if text == before:
            break
    return text.replace("$(DOLLAR)", "$")


def _request(condor: FrontEnd, call: Call, described: dict[str, str], rows: list[dict[str, str]]) -> Request:
    varying = {name for row in rows for name in row}
    plain = {name: value for name, value in described.items() if name not in varying}
    said = {name: _kept(value, plain, varying) for name, value in plain.items()}
    _refuse_what_is_not_simulated(said)
    directory = call.path(said.get("initialdir", said.get("initial_dir", ".")))
    executable = _executable(said, directory)
    environment = _exported(call, said)
    cpus, memory = _amount(said, "request_cpus", "1", 1), _amount(said, "request_memory", "128", 1)
    duration = said.get("allowed_execute_duration", said.get("allowed_job_duration"))
    requirements = said.get("requirements", "true")
    hosts = {host.name for host in condor.engine.hosts if _matches(requirements, host.name, host.cpus, host.memory)}
    ad = _ad(said, call, directory, executable, cpus, memory)

    return Request(
        name=said.get("batch_name", os.path.basename(executable)),
        user=call.user,
        launch=_launcher(condor, said, environment, rows, (directory, executable, cpus, memory)),
        cpus=cpus,
        memory=memory,
        seconds=float(duration) if duration else None,
        memory_limit=memory,
        hosts=frozenset(hosts),
        indices=tuple(range(len(rows))),
        held=said.get("hold", "false").lower() == "true",
        requeue=True,
        ended=log_end,
        notes={
            "ad": ad,
            "rows": rows,
            "duration": (46, "job") if "allowed_job_duration" in said else (47, "execute"),
            "log": os.path.join(directory, said["log"]) if "log" in said else None,
            "leave_in_queue": said.get("leave_in_queue"),
            "periodic_remove": said.get("periodic_remove"),
            "held_at_submit": said.get("hold", "false").lower() == "true",
            "reasons": {},
            "removed": {},
        },
    )


def _refuse_what_is_not_simulated(said: Mapping[str, str]) -> None:
    for name in NOT_SIMULATED.split():
        if name in said:
            raise Failed(f"condor_submit: the simulated cluster does not simulate {name}", 70)
    if said.get("should_transfer_files", "no").lower() == "yes":
        raise Failed("condor_submit: the simulated cluster does not simulate should_transfer_files = yes", 70)
    universe = said.get("universe", "vanilla").lower()
    if universe not in ("vanilla", "local", "scheduler"):
        raise _refused(f"ERROR: I don't know about the '{universe}' universe.")


def _executable(said: Mapping[str, str], directory: str) -> str:
    if "executable" not in said:
        raise _refused("ERROR: No 'executable' parameter was provided")
    executable = os.path.normpath(os.path.join(directory, said["executable"]))
    is_copied = "$(" not in executable and said.get("transfer_executable", "true").lower() != "false"
    if is_copied and not os.path.isfile(executable):
        raise _refused(f"\nERROR: Executable file {executable} does not exist")
    return executable


def _launcher(
    condor: FrontEnd,
    said: Mapping[str, str],
    environment: Mapping[str, str],
    rows: list[dict[str, str]],
    fixed: tuple[str, str, int, int],
) -> Callable[[Task], Launch]:
    """Return what tells how a task starts.

    :param fixed: what is the same for all: the directory, the executable, the cores, and the memory in MiB.
    """
    directory, executable, cpus, memory = fixed

    def launch(task: Task) -> Launch:
        row = rows[task.index or 0]
        if task.starts > 1:
            usage = "(0) CPU times\n\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Run Remote Usage"
            log_event(task, 4, f"Job was evicted.\n\t{usage}")
        scratch = condor.run / f"dir_{task.job}_{task.index or 0}"
        scratch.mkdir(exist_ok=True)
        details = f'\n\tSlotName: slot1_1@{task.host}\n\tCondorScratchDir = "{scratch}"'
        details += f"\n\tCpus = {cpus}\n\tMemory = {memory}"
        log_event(task, 1, f"Job executing on host: {ADDRESS}{details}")

        def path(name: str, default: str) -> str:
            return os.path.join(directory, for_task(said.get(name) or default, task, row))

        arguments = [for_task(one, task, row) for one in _arguments(said.get("arguments", said.get("args", "")))]
        values = {name: for_task(value, task, row) for name, value in environment.items()}
        return Launch(
            arguments=[os.path.join(directory, for_task(executable, task, row)), *arguments],
            environment={
                **values,
                "_CONDOR_SCRATCH_DIR": str(scratch),
                "_CONDOR_SLOT": "slot1",
                "_CONDOR_JOB_IWD": directory,
                "_CONDOR_REQUEST_CPUS": str(cpus),
                "TMPDIR": str(scratch),
                "BATCH_SYSTEM": "HTCondor",
            },
            directory=directory,
            stdout=path("output", "/dev/null"),
            stderr=path("error", "/dev/null"),
            stdin=path("input", "/dev/null"),
        )

    return launch


def _kept(text: str, plain: Mapping[str, str], varying: set[str]) -> str:
    """Expand what is the same for all, and leave what the queue statement varies."""
    marked = {name: f"\0{name}\1" for name in varying}
    return _expanded(text, {**plain, **marked}).replace("\0", "$(").replace("\1", ")")


def _matches(requirements: str, name: str, cpus: int, memory: int) -> bool:
    ad: dict[str, Any] = {"machine": name, "name": f"slot1@{name}", "opsys": "LINUX", "arch": "X86_64", "disk": 10**9}
    ad |= {"cpus": cpus, "totalcpus": cpus, "memory": memory, "totalmemory": memory}
    try:
        return evaluate(requirements, ad) is True
    except BadExpression:
        raise _refused(f"ERROR: Parse error in expression: \n\tRequirements = {requirements}\n\t") from None


def _amount(said: Mapping[str, str], name: str, default: str, unit: int) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", said.get(name, default), re.IGNORECASE)
    if not match:
        return NEVER  # an expression that is undefined where it is needed: HTCondor takes it, and finds no machine
    scale = {"": unit, "K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2}[match[2].upper()]
    return max(1, -int(-float(match[1]) * scale // 1))


def _arguments(text: str) -> list[str]:
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text.replace('\\"', '"').split()
    found: list[str] = []
    for match in re.finditer(r"(?:[^\s']|'(?:[^']|'')*')+", text[1:-1].replace('""', '"')):
        found.append(re.sub(r"'((?:[^']|'')*)'", lambda inner: inner[1].replace("''", "'"), match[0]))
    return found


def _quoted(word: str) -> str:
    """A word as it stands among the arguments of an ad."""
    return re.sub(r"(\s)", r"'\1'", word.replace("'", "'" * 4)) or "'" * 2


def _is_used(name: str, described: Mapping[str, str]) -> bool:
    return any(f"$({name}" in value.lower() for value in described.values())


def _exported(call: Call, said: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = said.get("getenv", "false")
    if wanted.lower() == "true":
        found |= call.environment
    elif wanted.lower() != "false":
        patterns = re.split(r"[\s,]+", wanted)
        for name, value in call.environment.items():
            if any(fnmatch.fnmatchcase(name, each) for each in patterns):
                found[name] = value
    text = said.get("environment", said.get("env", ""))
    if len(text) > 1 and text[0] == text[-1] == '"':
        pairs = _arguments(text)
    else:
        pairs = [pair for pair in text.split(";") if pair.strip()]
    for pair in pairs:
        name, _, value = pair.partition("=")
        found[name.strip()] = value
    return found


def _ad(said: Mapping[str, str], call: Call, directory: str, executable: str, cpus: int, memory: int) -> dict[str, Any]:
    ad: dict[str, Any] = {
        "Cmd": executable,
        "Arguments": " ".join(_quoted(word) for word in _arguments(said.get("arguments", ""))),
        "Iwd": directory,
        "In": said.get("input", "/dev/null"),
        "Out": said.get("output", "/dev/null"),
        "Err": said.get("error", "/dev/null"),
        "JobUniverse": {"vanilla": 5, "local": 12, "scheduler": 7}[said.get("universe", "vanilla").lower()],
        "JobPrio": int(said.get("priority", "0")),
        "RequestDisk": _amount(said, "request_disk", "1024", 1),
        "Requirements": said.get("requirements", "true"),
        "MinHosts": 1,
        "MaxHosts": 1,
        "CurrentHosts": 0,
    }
    if "log" in said:
        ad["UserLog"] = os.path.join(directory, said["log"])
    if "batch_name" in said:
        ad["JobBatchName"] = said["batch_name"].strip('"')
    for name, text in said.items():
        custom = re.fullmatch(r"(?:\+|my\.)(\w+)", name, re.IGNORECASE)
        if custom:
            try:
                ad[custom[1]] = evaluate(text, {})
            except BadExpression:
                raise _refused(f"ERROR: Parse error in expression: \n\t{custom[1]} = {text}\n\t") from None
    return ad
