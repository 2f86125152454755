"""The twin of Slurm answers as Slurm does: the same commands on both, and the same answers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.services.jobs import once, output, run
from tests.services.running import simulated

ANSWERED = [
    "sbatch --bogus",
    "sbatch -Y",
    "sbatch --mem",
    "sbatch --wrap true --partition nope",
    "sbatch --wrap true --mem=999G",
    "sbatch --wrap true --cpus-per-task=99",
    "sbatch --wrap true --time=abc",
    "sbatch --wrap true --mem=abc",
    "sbatch --wrap true --array=abc",
    "sbatch --wrap true --array=0-2000000",
    "sbatch --wrap true --ntasks=x",
    "sbatch --wrap true --mem=10 --mem-per-cpu=10",
    "sbatch --wrap true --constraint=nope",
    "sbatch --wrap true --partition=short --time=20",
    "sbatch --wrap true script",
    "sbatch nowhere.sh",
    "sbatch plain.sh",
    "sbatch empty.sh",
    "sbatch --version",
    "sbatch --hold --wrap true --output=/dev/null",
    "squeue --bogus",
    "squeue -Q",
    "squeue --jobs=abc",
    "squeue --jobs=999999",
    "squeue --jobs=999998,999999 --noheader",
    "squeue --states=BOGUS",
    "squeue --noheader --name=nothing",
    "squeue --version",
    "sacct --bogus",
    "sacct --format=bogus",
    "sacct --jobs=999999",
    "sacct --jobs=999999 --noheader --parsable2",
    "sacct --jobs=999999 --parsable2 --format=JobIDRaw,State,ExitCode,MaxRSS",
    "sacct --jobs=999999 --parsable",
    "sacct --jobs=999999 --format=JobID%20,State%-30",
    "sacct --jobs=abc",
    "sacct --state=bogus",
    "sacct --starttime=bogus",
    "scontrol show job 999999",
    "scontrol show job abc",
    "scontrol show partition nope",
    "scontrol show node nope",
    "scontrol show",
    "scontrol bogus",
    "scontrol --version",
    "scontrol hold 999999",
    "scancel",
    "scancel abc",
    "scancel 999999",
    "scancel --bogus",
    "scancel --state=bogus",
    "scancel --name=nothing",
    "sinfo --bogus",
    "sinfo --noheader --partition=short --format=%c|%m|%l",
    "sinfo --partition=nope",
]
JOBS = {
    "good": ["--wrap", "true"],
    "exits": ["--wrap", "exit 3"],
    "high": ["--wrap", "exit 130"],
    "signal": ["--wrap", "kill -9 $$"],
    "sized": ["--wrap", "true", "--mem=2G", "--cpus-per-task=2", "--time=1:30:00"],
    "array": ["--wrap", "exit $SLURM_ARRAY_TASK_ID", "--array=0-2"],
    "held": ["--wrap", "true", "--hold"],
    "heldarray": ["--wrap", "true", "--hold", "--array=1,3,5-9:2%2"],
    "cancelled": ["--wrap", "sleep 60"],
}
ASKED = [
    "squeue --noheader --states=all --format=%T|%t|%r|%j|%M|%l|%D|%C|%m|%P|%F-%K|%i --jobs={}",
    "squeue --noheader --states=all --array --format=%T,%K --jobs={}",
    "squeue --states=all --Format=State:12,Reason:|,ArrayTaskID:,TimeLimit --jobs={}",
    "sacct --noheader --parsable2 -X --format=JobID,State,ExitCode,DerivedExitCode,AllocCPUS,ReqMem --jobs={}",
    "sacct --parsable --format=JobID,JobName,State,ExitCode,Timelimit,Partition --jobs={}",
    "sacct --format=JobID%30,JobName,State,ExitCode,Elapsed --jobs={}",
    "scancel {}_99",
]
SHOWN = (
    "JobState|Reason|ExitCode|TimeLimit|ArrayTaskId|ArrayTaskThrottle|NumCPUs|CPUs/Task|Requeue|Restarts|StdOut|StdErr"
)


@pytest.fixture(scope="module")
def twin() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with, which has the hosts that the real one has."""
    with simulated("slurm", hosts="n1:8:4000,n2:8:4000") as variables:
        yield variables


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with scripts to submit."""
    path = tmp_path_factory.mktemp("scripts")
    (path / "plain.sh").write_text("echo no interpreter\n")
    (path / "empty.sh").touch()
    return path


def normal(text: str, jobs: Mapping[str, str]) -> str:
    """An answer without what differs from one cluster to another: numbers of jobs, hosts, times, width of columns."""
    for job, name in jobs.items():
        text = re.sub(rf"(?m)^\s*{job}(?=[_.| ]|$)|(?<=\|){job}(?=[-_]|$)", name, text)
    text = re.sub(r"Submitted batch job \d+", "Submitted batch job N", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r"00:00:0\d|\b0:0\d(?=[\s|]|$)", "A MOMENT", text)
    return re.sub(r"[ ]+", " ", text)


def answer(variables: Mapping[str, str], directory: Path, line: str, jobs: Mapping[str, str]) -> tuple[int, str, str]:
    done = run(variables, *shlex.split(line), directory=directory)
    return done.returncode, normal(done.stdout, jobs), normal(done.stderr, jobs)


@pytest.mark.parametrize("line", ANSWERED)
def test_the_twin_answers_as_slurm_does(
    slurm: dict[str, str], twin: dict[str, str], directory: Path, line: str
) -> None:
    assert answer(twin, directory, line, {}) == answer(slurm, directory, line, {})


def submit(variables: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Submit the same jobs to a cluster, wait until they have ended, and return their names by their numbers."""
    names = {}
    for name, words in JOBS.items():
        command = ["sbatch", "--parsable", f"--job-name={name}", "--output=out-%x-%a", *words]
        names[output(variables, *command, directory=directory)] = name
    numbers = {name: job for job, name in names.items()}
    state = ["squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={numbers['cancelled']}"]
    once(lambda: output(variables, *state), lambda shown: shown == "RUNNING")
    output(variables, "scancel", numbers["cancelled"])
    ended = [numbers[name] for name in JOBS if not name.startswith("held")]
    count = len(ended) + 2  # the array has three
    sacct = [
        "sacct",
        "--noheader",
        "--allocations",
        "--parsable2",
        "--format=State,End,ExitCode",
        "--jobs",
        ",".join(ended),
    ]
    once(
        lambda: [line for line in output(variables, *sacct).splitlines() if not re.match("PENDING|RUNNING", line)],
        lambda lines: len(lines) == count and not any("Unknown" in line for line in lines),
    )
    listed = ["squeue", "--noheader", "--states=all", "--format=%T", "--jobs", ",".join(ended)]
    once(lambda: output(variables, *listed), lambda shown: "COMPLETING" not in shown)
    return names


@pytest.fixture(scope="module")
def originals(slurm: dict[str, str], directory: Path) -> dict[str, str]:
    """The names of the jobs in the real cluster, by their numbers."""
    return submit(slurm, directory)


@pytest.fixture(scope="module")
def copies(twin: dict[str, str], directory: Path) -> dict[str, str]:
    """The names of the jobs in the twin, by their numbers."""
    return submit(twin, directory)


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("line", ASKED)
def test_the_twin_shows_a_job_as_slurm_shows_it(
    slurm: dict[str, str],
    twin: dict[str, str],
    originals: dict[str, str],
    copies: dict[str, str],
    directory: Path,
    line: str,
    name: str,
) -> None:
    answers = []
    for variables, jobs in ((twin, copies), (slurm, originals)):
        job = next(number for number, each in jobs.items() if each == name)
        status, out, err = answer(variables, directory, line.format(job), jobs)
        answers.append((status, sorted(out.splitlines()), err))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("name", JOBS)
def test_the_twin_describes_a_job_as_slurm_does(
    slurm: dict[str, str],
    twin: dict[str, str],
    originals: dict[str, str],
    copies: dict[str, str],
    name: str,
) -> None:
    described = []
    for variables, jobs in ((twin, copies), (slurm, originals)):
        job = next(number for number, each in jobs.items() if each == name)
        shown = output(variables, "scontrol", "show", "job", job)
        described.append(sorted(normal(line, jobs) for line in re.findall(rf"\b(?:{SHOWN})=\S*", shown)))
    assert described[0] == described[1]
