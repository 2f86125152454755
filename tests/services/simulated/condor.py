"""HTCondor's commands over the engine, as the manual of HTCondor 23 has them; condor_submit has its own module."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

from .classads import BadExpression, evaluate, shown
from .condor_jobs import ADDRESS, HELD, LETTERS, RUNNING, is_queued, job_ad, job_status, log_end, log_event, truth
from .engine import Engine
from .frontend import Call, Command, Failed, FrontEnd, Result
from .model import End, State, Task

POLICY_SECONDS = 0.2
NO_SCHEDD = (
    "Error: (null)\n\nExtra Info: You probably saw this error because the condor_schedd is not \n"
    "running on the machine you are trying to query. If the condor_schedd is not \n"
    "running, the Condor system will not be able to find an address and port to \n"
    "connect to and satisfy this request. Please make sure the Condor daemons are \n"
    "running and try again.\n"
)
Ad = dict[str, Any]


class Condor(FrontEnd):
    """The front end; a thread looks after the periodic expressions of jobs."""

    keep = float("inf")

    def __init__(self, engine: Engine, run: Path) -> None:
        super().__init__(engine, run)
        threading.Thread(target=self._watch, daemon=True).start()

    def commands(self) -> dict[str, Command]:
        from . import condor_submit

        return {
            "condor_submit": lambda call: condor_submit.submit(self, call),
            "condor_q": self.queue,
            "condor_history": self.history,
            "condor_rm": self.remove,
            "condor_hold": self.hold,
            "condor_release": self.release,
            "condor_status": self.status,
            "condor_version": lambda call: Result(
                0, "$CondorVersion: 23.9.6 2024-08-08 BuildID: simulated $\n$CondorPlatform: X86_64-Debian_12 $\n"
            ),
        }

    def unreachable(self, call: Call) -> Result:
        if call.command == "condor_history":
            return self.history(call)  # it reads a file
        if call.command == "condor_submit":
            return Result(1, "", "\nERROR: Can't find address of local schedd\n")
        if call.command == "condor_status":
            return Result(1, "", "Error: communication error\nCEDAR:6001:Failed to connect to <127.0.0.1:9618>\n")
        if call.command == "condor_q":
            return Result(1, "", NO_SCHEDD)
        return Result(1, "", f"{call.command}: (null)\n")

    def _watch(self) -> None:
        while True:
            time.sleep(POLICY_SECONDS)
            for task in self.engine.true():
                text = task.request.notes["periodic_remove"]
                if text and task.state is not State.ENDED and truth(text, job_ad(task)):
                    reason = f"The job attribute PeriodicRemove expression '{text}' evaluated to TRUE"
                    task.request.notes["reasons"][task.index] = reason
                    self.engine.end(task, End.CANCELLED)

    # Showing

    def queue(self, call: Call) -> Result:
        """Show the queue."""
        options, rest = _options(call)
        ads = [job_ad(task) for task in self.engine.shown() if is_queued(task)]
        ads = _chosen(ads, options, rest)
        if "hold" in options:
            ads = [ad for ad in ads if ad["JobStatus"] == HELD]
        if "run" in options:
            ads = [ad for ad in ads if ad["JobStatus"] == RUNNING]
        return Result(0, _printed(ads, options, call) or _table(ads, call, options))

    def history(self, call: Call) -> Result:
        """Show jobs that have left the queue."""
        options, rest = _options(call)
        tasks = self.engine.shown(history=True) if self.engine.faults.history else []
        gone = [task for task in tasks if task.state is State.ENDED and not is_queued(task)]
        gone.sort(key=lambda task: -(task.ended or 0))
        ads = _chosen([job_ad(task) for task in gone], options, rest)
        if "limit" in options:
            ads = ads[: int(options["limit"])]
        return Result(0, _printed(ads, options, call) or _history_table(ads, options))

    def status(self, call: Call) -> Result:
        """Show machines."""
        options, _ = _options(call)
        ads = []
        for host in self.engine.hosts:
            cpus, memory, _ = self.engine.used(host)
            ads.append(
                {
                    "Name": f"slot1@{host.name}",
                    "Machine": host.name,
                    "OpSys": "LINUX",
                    "Arch": "X86_64",
                    "State": "Unclaimed",
                    "Activity": "Idle",
                    "LoadAvg": 0.0,
                    "Cpus": host.cpus - cpus,
                    "TotalCpus": float(host.cpus),
                    "TotalSlotCpus": host.cpus,
                    "Memory": host.memory - memory,
                    "TotalMemory": host.memory,
                    "TotalSlotMemory": host.memory,
                    "Disk": 10**8,
                    "SlotType": "Partitionable",
                    "PartitionableSlot": True,
                }
            )
        up = {host.name for host in self.engine.hosts if host.up}
        ads = _constrained([ad for ad in ads if ad["Machine"] in up], options)
        out = _printed(ads, options, call)
        if not out and ads and not _is_formatted(options):
            width = max(len(str(ad["Name"])) for ad in ads)
            out = f"{'Name':<{width}} OpSys      Arch   State     Activity LoadAv Mem   ActvtyTime\n\n"
            for ad in ads:
                out += (
                    f"{ad['Name']:<{width}} {ad['OpSys']:<10} {ad['Arch']} {ad['State']:<9} {ad['Activity']:<8} 0.000 "
                )
                out += f"{ad['Memory']:4}  0+00:00:00\n"
            counts = f"{len(ads):6} {0:5} {0:7} {len(ads):9} {0:7} {0:10} {0:6} {0:8} {0:6}"
            out += "\n               Total Owner Claimed Unclaimed Matched Preempting  Drain Backfill BkIdle\n\n"
            out += f"  X86_64/LINUX{counts}\n\n         Total{counts}\n"
        return Result(0, out)

    # Changing

    def remove(self, call: Call) -> Result:
        """End jobs, or take those that are held or completed out of the queue."""

        def end(task: Task) -> bool:
            if task.state is not State.ENDED:
                return self.engine.end(task, End.CANCELLED)
            if not is_queued(task):
                return False
            task.request.notes["removed"][task.index] = True
            if task.end is not End.EXIT:
                self.engine.settle(task, End.CANCELLED)
            log_event(task, 9, f"Job was aborted.\n\tvia condor_rm (by user {call.user})")
            return True

        return self._act(call, end, "marked for removal", "have been marked for removal", "find/remove")

    def hold(self, call: Call) -> Result:
        """Hold jobs that wait."""

        def hold(task: Task) -> bool:
            if job_status(task) == RUNNING:
                raise Failed("condor_hold: the simulated cluster does not simulate holding running jobs", 70)
            self.engine.release(task, held=True)
            log_end(task)
            return task.state is State.PENDING

        return self._act(call, hold, "held", "have been held", "find/hold")

    def release(self, call: Call) -> Result:
        """Let held jobs go on."""

        def release(task: Task) -> bool:
            if job_status(task) != HELD:
                return False
            if task.state is State.ENDED:
                self.engine.settle(task, None)
            else:
                self.engine.release(task)
            log_event(task, 13, f"Job was released.\n\tvia condor_release (by user {call.user})")
            return True

        return self._act(call, release, "released", "have been released", "find/release")

    def _act(self, call: Call, act: Any, one: str, all_: str, verb: str) -> Result:
        options, rest = _options(call)
        tasks = [task for task in self.engine.shown() if is_queued(task)]
        if not rest and not set(options) & {"all", "constraint"}:
            raise Failed(f"You did not specify any jobs\nUsage: {call.command} [options] [constraints]")
        if not tasks and not all(re.fullmatch(r"\d+\.\d+", word) for word in rest or [""]):
            return Result(0, "", f"{call.command}:0:There are no jobs in the queue\n")
        targets: list[tuple[str, str, list[Task]]] = []
        if "all" in options:
            targets.append((f"All jobs {all_}", f"Couldn't {verb} all jobs", tasks))
        if "constraint" in options:
            text = f"matching constraint ({options['constraint']})"
            matching = _constrained([job_ad(task) for task in tasks], options)
            keys = {(ad["ClusterId"], ad["ProcId"]) for ad in matching}
            chosen = [task for task in tasks if (task.job, task.index or 0) in keys]
            targets.append((f"All jobs {text} {all_}", f"Couldn't {verb} all jobs {text}", chosen))
        for word in rest:
            match = re.fullmatch(r"(\d+)(?:\.(\d+))?", word)
            if not match:
                mine = [task for task in tasks if task.request.user == word]
                targets.append((f"User {word}'s job(s) {all_}.", f'Couldn\'t {verb} all jobs of user "{word}"', mine))
                continue
            here = [task for task in tasks if task.job == int(match[1]) and match[2] in (None, str(task.index or 0))]
            if match[2]:
                targets.append((f"Job {word} {one}", f"Job {word} not found", here))
            else:
                targets.append(
                    (f"All jobs in cluster {word} {all_}", f"Couldn't {verb} all jobs in cluster {word}", here)
                )
        out = err = ""
        for success, failure, found in targets:
            done = [act(task) for task in found]
            if done and all(done):
                out += f"{success}\n"
            else:
                err += f"\n{failure}\n"
        return Result(1 if err else 0, out, err)


FLAGS = (
    "long l json jsonl xml nobatch batch allusers wide totals hold run all backwards forwards forcex total compact "
    "avail tot idle w"
)
VALUED = "constraint attributes limit name pool submitter reason scanlimit since file userlog"
SHORT = {"const": "constraint", "attrs": "attributes", "match": "limit"}


def _options(call: Call) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    rest: list[str] = []
    words = list(call.arguments)
    while words:
        word = words.pop(0)
        name = word.lstrip("-")
        auto = re.fullmatch(r"-{1,2}(?:af|autof\w*)(?::(\S*))?", word)
        if auto:
            options["af"] = auto[1] or ""
            options["af_attributes"] = ""
            while words and not words[0].startswith("-"):
                options["af_attributes"] += f"{words.pop(0)}\n"
        elif not word.startswith("-"):
            rest.append(word)
        elif name == "format" and len(words) > 1:
            options["format"] = options.get("format", "") + f"{words.pop(0)}\0{words.pop(0)}\1"
        elif SHORT.get(name, name) in VALUED.split() and words:
            options[SHORT.get(name, name)] = words.pop(0)
        elif name in FLAGS.split() and not (name == "jsonl" and call.command == "condor_q"):
            options[{"l": "long", "w": "wide"}.get(name, name)] = ""
        else:
            refusals = {"condor_q": "Error: unrecognized argument", "condor_history": "Error: Unknown argument"}
            refusal = f"{refusals.get(call.command, 'Unrecognized option:')} {word}"
            failure = Failed(refusal)
            usage = f"Usage: {call.command} [options] [restriction-list]\n"
            if call.command in refusals:
                failure.result = failure.result._replace(out=usage)
            raise failure
    for name in ("xml", "name", "pool", "since", "file", "userlog"):
        if name in options:
            raise Failed(f"{call.command}: the simulated cluster does not simulate -{name}", 70)
    return options, rest


def _constrained(ads: list[Ad], options: dict[str, str]) -> list[Ad]:
    if "constraint" not in options:
        return ads
    try:
        return [
            ad
            for ad in ads
            if evaluate(options["constraint"], {name.lower(): value for name, value in ad.items()}) is True
        ]
    except BadExpression:
        raise Failed(f'\n-- Parse error in constraint expression "{options["constraint"]}"') from None


def _chosen(ads: list[Ad], options: dict[str, str], rest: list[str]) -> list[Ad]:
    if rest:
        ads = [
            ad
            for ad in ads
            if str(ad["ClusterId"]) in rest or f"{ad['ClusterId']}.{ad['ProcId']}" in rest or ad["Owner"] in rest
        ]
    return _constrained(ads, options)


def _is_formatted(options: dict[str, str]) -> bool:
    return bool(set(options) & {"json", "jsonl", "long", "af", "format"})


def _printed(ads: list[Ad], options: dict[str, str], call: Call) -> str:
    if "attributes" in options:
        names = {name.lower() for name in re.split(r"[\s,]+", options["attributes"])}
        ads = [{name: value for name, value in ad.items() if name.lower() in names} for ad in ads]
    ordered = [dict(sorted(ad.items(), key=lambda pair: pair[0].lower())) for ad in ads]
    if "json" in options:
        if not ads:
            return "" if call.command == "condor_q" else "[\n]\n"
        bodies = [json.dumps(ad, indent=2, ensure_ascii=False, separators=(",", ": ")) + "\n" for ad in ordered]
        return "[\n" + ",\n".join(bodies) + "]\n"
    if "jsonl" in options:
        return "".join(json.dumps(ad, ensure_ascii=False) + "\n" for ad in ordered)
    if "long" in options:
        return "".join("".join(f"{name} = {shown(value)}\n" for name, value in ad.items()) + "\n" for ad in ordered)
    if "af" in options:
        return _autoformatted(ads, options["af"], options["af_attributes"].splitlines())
    if "format" in options:
        out = ""
        for ad in ads:
            folded = {name.lower(): value for name, value in ad.items()}
            for pair in filter(None, options["format"].split("\1")):
                pattern, _, name = pair.partition("\0")
                value = folded.get(name.lower())
                pattern = pattern.encode().decode("unicode_escape")
                if value is not None:
                    out += pattern % (shown(value, quoted=False) if "s" in pattern.split("%")[-1] else value)
        return out
    return ""


def _autoformatted(ads: list[Ad], flags: str, names: list[str]) -> str:
    between = "\n" if "n" in flags else "\t" if "t" in flags else ", " if "," in flags else " "
    widths = [len(name) if "h" in flags else 0 for name in names]
    out = between.join([" ID     "] * ("j" in flags) + names) + "\n" if "h" in flags else ""
    for ad in ads:
        folded = {name.lower(): value for name, value in ad.items()}
        cells = [f"{ad['ClusterId']:4}.{ad['ProcId']:<3}"] if "j" in flags else []
        for name, width in zip(names, widths, strict=True):
            text = shown(evaluate(name, folded), quoted=bool(set("Vr") & set(flags)))
            cells.append(f"{name} = {text}" if "l" in flags else text.ljust(width))
        out += between.join(cells) + "\n" + ("\n" if "g" in flags else "")
    return out


def _summary(ads: list[Ad]) -> str:
    count = [sum(ad["JobStatus"] == number for ad in ads) for number in range(6)]
    return (
        f"{len(ads)} jobs; {count[4]} completed, {count[3]} removed, {count[1]} idle, {count[2]} running, "
        f"{count[5]} held, 0 suspended"
    )


def _row(ad: Ad, size: bool) -> str:
    name = f"{ad['ClusterId']}.{ad['ProcId']}"
    submitted = time.strftime("%m/%d %H:%M", time.localtime(ad["QDate"]))
    command = f"{ad['Cmd'].rpartition('/')[2]} {ad['Arguments']}".strip()
    started = ad.get("JobCurrentStartDate")
    ran = int(time.time() - started) if ad["JobStatus"] == RUNNING and started else int(ad["RemoteWallClockTime"])
    clock = f"{ran // 86400}+{ran // 3600 % 24:02}:{ran // 60 % 60:02}:{ran % 60:02}"
    state = LETTERS[ad["JobStatus"]]
    if size:
        return f"{name:>6}   {ad['Owner']:<14} {submitted} {clock:>12} {state}  {ad['JobPrio']:<3} {0.0:4} {command}\n"
    ended = time.strftime("%m/%d %H:%M", time.localtime(ad["EnteredCurrentStatus"]))
    command = f"{ad['Cmd']} {ad['Arguments']}".strip()
    return f"{name:<7} {ad['Owner']:<14} {submitted} {clock:>12} {state}  {ended:>11} {command:<15}\n"


def _table(ads: list[Ad], call: Call, options: dict[str, str]) -> str:
    if _is_formatted(options):
        return ""
    out = f"\n\n-- Schedd: {socket.gethostname()} : {ADDRESS[:22]}... @ {time.strftime('%m/%d/%y %H:%M:%S')}\n"
    if "totals" not in options and ("nobatch" in options or "hold" in options or "run" in options):
        out += " ID      OWNER            SUBMITTED     RUN_TIME ST PRI SIZE CMD\n"
        out += "".join(_row(ad, size=True) for ad in ads) + "\n"
    elif "totals" not in options:
        out += _batches(ads)
    out += f"Total for query: {_summary(ads)} \n"
    out += f"Total for {call.user}: {_summary([ad for ad in ads if ad['Owner'] == call.user])} \n"
    return out + f"Total for all users: {_summary(ads)}\n\n"


def _batches(ads: list[Ad]) -> str:
    if not ads:
        return "OWNER BATCH_NAME      SUBMITTED   DONE   RUN    IDLE   HOLD  TOTAL JOB_IDS\n\n"
    out = "OWNER BATCH_NAME    SUBMITTED   DONE   RUN    IDLE   HOLD  TOTAL JOB_IDS\n"
    clusters: dict[int, list[Ad]] = {}
    for ad in ads:
        clusters.setdefault(ad["ClusterId"], []).append(ad)
    for cluster, mine in clusters.items():
        title = mine[0].get("JobBatchName", f"ID: {cluster}")
        submitted = time.strftime("%m/%d %H:%M", time.localtime(mine[0]["QDate"]))
        counts = [sum(ad["JobStatus"] == number for ad in mine) for number in (4, 2, 1, 5)]
        cells = " ".join(f"{count or '_':>6}" for count in counts)
        first, last = mine[0]["ProcId"], mine[-1]["ProcId"]
        names = f"{cluster}.{first}" + (f"-{last}" if last != first else "")
        out += f"{mine[0]['Owner']:<5} {title:<12} {submitted} {cells} {len(mine):>6} {names}\n"
    return out + "\n"


def _history_table(ads: list[Ad], options: dict[str, str]) -> str:
    if _is_formatted(options):
        return ""
    head = " ID     OWNER          SUBMITTED   RUN_TIME     ST COMPLETED   CMD            \n"
    return head + "".join(_row(ad, size=False) for ad in ads)
