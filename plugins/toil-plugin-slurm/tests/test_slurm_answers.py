"""What Slurm's commands print is understood; all of it was printed by a real Slurm, or stands in its manual."""

from __future__ import annotations

import math

import pytest
from toil_plugin_slurm.nodes import Gres, Needs, Nodes, complaint, gres_for, read_nodes
from toil_plugin_slurm.scheduler import SlurmDialect
from toil_plugin_slurm.states import from_sacct, from_squeue, seconds_of

from toil_core.api import (
    Allocation,
    BatchJobExitReason,
    Command,
    CommandFailed,
    Config,
    Runner,
    Submission,
    TaskState,
    Trouble,
)

CONFIG = """Configuration data as of 2026-11-24T14:24:10
AccountingStorageType   = accounting_storage/slurmdbd
MaxArraySize            = 301
MinJobAge               = 300 sec
"""
SINFO = """main*|up|infinite|1|8|4000|(null)|idle|OFF
main*|up|infinite|1|8|4000|gpu:a100:2(S:0-1)|mixed|OFF
short|up|10:00|1|8|4000|(null)|idle|OFF
big|up|2-00:00:00|4|64|256000|(null)|idle|OFF
huge|up|2-00:00:00|2|128|1024000|(null)|drained*|OFF
gpu|up|1-00:00:00|1|16|64000|gpu:nvidia_h100:4,gpu:a100:4|idle|OFF
scavenge|up|infinite|9|48|192000|(null)|idle|REQUEUE
"""


class Cluster(Runner):
    """Answers what a cluster would, and remembers what it was asked."""

    def __init__(self, squeue: str = "", sacct: str = "", config: str = CONFIG) -> None:
        super().__init__("Slurm")
        self.answers = {"scontrol": config, "sinfo": SINFO, "squeue": squeue, "sacct": sacct}
        self.asked: list[str] = []

    def run(self, command: Command, *, allowed: object = (0,)) -> str:
        self.asked.append(str(command))
        answer = self.answers[command.arguments[0]]
        if answer.startswith("error"):
            raise CommandFailed(command, 1, answer)
        return answer


def dialect(cluster: Cluster, arguments: str = "", pe: str = "") -> SlurmDialect:
    config = Config()
    vars(config).update(slurmArgs=arguments, slurmPe=pe)
    return SlurmDialect(config, cluster)


def submission(size: int = 1, cores: float = 1, megabytes: int = 100, seconds: float = 0, gpu: str = "") -> Submission:
    accelerators = ((("count", 1), ("kind", "gpu"), ("model", gpu)),) if gpu else ()
    allocation = Allocation(cores, megabytes << 20, 0, accelerators, False, seconds)
    return Submission("toil-1", "one", size, allocation, seconds, "script", {}, "job", "/shared/50%", "/shared")


def words(of: Submission, arguments: str = "", pe: str = "") -> list[str]:
    return list(dialect(Cluster(), arguments, pe).submit_command(of).arguments)


# States


@pytest.mark.parametrize(
    ("row", "state", "status", "reason"),
    [
        ("1_3|COMPLETED|0|0:02|None|", TaskState.ENDED, 0, BatchJobExitReason.FINISHED),
        ("1|FAILED|768|0:01|NonZeroExitCode|", TaskState.ENDED, 3, BatchJobExitReason.FAILED),
        ("2_0|FAILED|9|0:00|JobLaunchFailure|", TaskState.ENDED, -9, BatchJobExitReason.FAILED),
        ("12|OUT_OF_MEMORY|253|0:00|OutOfMemory|", TaskState.ENDED, -125, BatchJobExitReason.MEMLIMIT),
        ("15|TIMEOUT|15|1:25|TimeLimit|", TaskState.ENDED, -15, BatchJobExitReason.TIMELIMIT),
        ("14|PREEMPTED|15|0:01|None|", TaskState.ENDED, -15, BatchJobExitReason.LOST),
        ("14|NODE_FAIL|0|0:01|None|", TaskState.ENDED, None, BatchJobExitReason.LOST),
        ("14|BOOT_FAIL|0|0:00|None|", TaskState.ENDED, None, BatchJobExitReason.LOST),
        ("14|REVOKED|0|0:00|None|", TaskState.ENDED, None, BatchJobExitReason.LOST),
        ("14|DEADLINE|0|0:00|None|", TaskState.ENDED, None, BatchJobExitReason.TIMELIMIT),
        ("13|CANCELLED|0|0:00|None|", TaskState.ENDED, None, BatchJobExitReason.KILLED),
        ("36_[4-7]|PENDING|0|0:00|Resources|", TaskState.PENDING, None, None),
        ("4|CONFIGURING|0|0:00|None|", TaskState.PENDING, None, None),
        ("4|REQUEUE_HOLD|0|0:00|launch failed requeued held|", TaskState.PENDING, None, None),
        ("2_1|COMPLETING|0|0:00|None|", TaskState.RUNNING, None, None),
        ("2_1|SUSPENDED|0|0:00|None|", TaskState.RUNNING, None, None),
    ],
)
def test_squeue(row: str, state: TaskState, status: int | None, reason: BatchJobExitReason | None) -> None:
    task, found = from_squeue(row)
    assert task == row.partition("|")[0]
    assert (found.state, found.exit_status, found.reason) == (state, status, reason)


@pytest.mark.parametrize(
    ("row", "status", "reason"),
    [
        ("1_0|COMPLETED|0:0|2", 0, BatchJobExitReason.FINISHED),
        ("6|FAILED|1:0|0", 1, BatchJobExitReason.FAILED),
        ("6|FAILED|0:9|0", -9, BatchJobExitReason.FAILED),
        ("12|OUT_OF_MEMORY|0:125|0", -125, BatchJobExitReason.MEMLIMIT),
        ("13|CANCELLED by 0|0:0|1", None, BatchJobExitReason.KILLED),
        ("14|PREEMPTED|0:0|1", None, BatchJobExitReason.LOST),
        ("15|TIMEOUT|0:0|85", None, BatchJobExitReason.TIMELIMIT),
    ],
)
def test_sacct(row: str, status: int | None, reason: BatchJobExitReason) -> None:
    _, found = from_sacct(row)
    assert (found.state, found.exit_status, found.reason) == (TaskState.ENDED, status, reason)
    assert found.seconds == float(row.rpartition("|")[2])


def test_how_a_task_ended_is_told_in_slurms_words_where_that_says_more() -> None:
    assert from_squeue("14|NODE_FAIL|0|0:01|None|")[1].detail == "Slurm says NODE_FAIL"
    assert from_squeue("6|FAILED|1|0:00|BadConstraints|")[1].detail == "Slurm says BadConstraints"
    assert from_squeue("1|FAILED|768|0:01|NonZeroExitCode|")[1].detail == ""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0:01", 1), ("1:02:03", 3723), ("2-01:00:00", 176400), ("infinite", math.inf), ("INVALID", None), ("n/a", None)],
)
def test_times(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


# Asking


def test_many_tasks_are_asked_about_at_once() -> None:
    cluster = Cluster(
        squeue="1_0|RUNNING|0|0:03|None|\n1_1|PENDING|0|0:00|Priority|\n9|COMPLETED|0|0:01|None|\n\nodd\n"
    )
    found = dialect(cluster).poll(["1_0", "1_1", "1_2", "7"])
    assert {task: status.state for task, status in found.items()} == {
        "1_0": TaskState.RUNNING,
        "1_1": TaskState.PENDING,
    }
    assert found["1_0"].seconds == 3
    assert len(cluster.asked) == 1
    assert "--jobs=1,7 " in cluster.asked[0]


def test_commands_do_not_get_longer_than_the_system_allows() -> None:
    cluster = Cluster()
    dialect(cluster).poll([str(number) for number in range(1_000_000, 1_012_000)])
    assert [command.count(",") > 0 for command in cluster.asked] == [True] * 3
    assert max(len(word) for command in cluster.asked for word in command.split()) < 128 * 1024
    commands = list(dialect(cluster).cancel_commands([str(number) for number in range(12_000)]))
    assert [len(command.arguments) for command in commands] == [5001, 5001, 2001]


def test_a_single_job_that_is_not_known_is_left_out() -> None:
    assert dialect(Cluster(squeue="error: slurm_load_jobs error: Invalid job id specified")).poll(["1"]) == {}


def test_what_the_controller_has_forgotten_the_accounting_knows() -> None:
    cluster = Cluster(sacct="1|FAILED|0:9|5\n2||0:0|\n")
    assert set(dialect(cluster).look_back(["1", "2"])) == {"1"}
    without = Cluster(config=CONFIG.replace("slurmdbd", "none"))
    assert dialect(without).look_back(["1"]) == {}
    assert [command.split()[0] for command in without.asked] == ["scontrol"]


def test_nothing_is_taken_for_gone_while_the_accounting_does_not_answer() -> None:
    found = dialect(Cluster(sacct="error: Problem talking to the database: Connection refused")).look_back(["1"])
    assert found["1"].state is TaskState.PENDING


def test_submissions_are_found_by_name_or_comment() -> None:
    cluster = Cluster(squeue="2|toil-a|(null)\n2|toil-a|(null)\n3|mine|toil-b\n4|toil-z|toil-z\n")
    assert dialect(cluster).find(["toil-a", "toil-b", "toil-c"]) == {"toil-a": "2", "toil-b": "3"}


@pytest.mark.parametrize(("output", "number"), [("12\n", "12"), ("note: welcome\n12;cluster\n", "12")])
def test_the_number_of_a_job_is_read(output: str, number: str) -> None:
    assert dialect(Cluster()).submission_id(output) == number


def test_an_answer_without_a_number_is_no_answer() -> None:
    with pytest.raises(ValueError, match="hello"):
        dialect(Cluster()).submission_id("hello\n")


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (
            "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
            "UNREACHABLE",
        ),
        ("slurm_load_jobs error: Unable to contact slurm controller (connect failure)", "UNREACHABLE"),
        ("sbatch: error: Batch job submission failed: Socket timed out on send/recv operation", "UNREACHABLE"),
        ("slurm_load_jobs error: Zero Bytes were transmitted or received", "UNREACHABLE"),
        ("slurm_load_jobs error: Slurm backup controller in standby mode", "UNREACHABLE"),
        ("error: If munged is up, restart with --num-threads=10", "UNREACHABLE"),
        ("sbatch: error: Batch job submission failed: Protocol authentication error", "UNREACHABLE"),
        (
            "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates",
            "FULL",
        ),
        ("sbatch: error: AssocMaxSubmitJobLimit", "FULL"),
        ("sbatch: error: Batch job submission failed: Resource temporarily unavailable", "FULL"),
        ("sbatch: error: Batch job submission failed: Invalid qos specification", "REFUSED"),
        ("sbatch: fatal: Could not establish a configuration source", "REFUSED"),
    ],
)
def test_why_a_command_failed_is_told_apart(said: str, trouble: str) -> None:
    error = CommandFailed(Command(("sbatch",)), 1, said)
    assert dialect(Cluster()).trouble(error) is Trouble[trouble]


# Submitting


def test_a_single_task_is_submitted_with_what_it_needs() -> None:
    assert words(submission(cores=1.5, megabytes=100, seconds=90)) == [
        *("sbatch", "--parsable", "--no-requeue", "--job-name=toil-1", "--cpus-per-task=2", "--mem=100M"),
        *("--time=0:01:30", "--export=ALL"),
        "--output=/shared/50%%/toil_job_job_batch_slurm_%j_std_output.log",
        "--error=/shared/50%%/toil_job_job_batch_slurm_%j_std_error.log",
    ]


def test_an_array_is_submitted_at_once() -> None:
    found = words(submission(size=4))
    assert "--array=0-3" in found
    assert "--error=/shared/50%%/toil_job_job_batch_slurm_%A_%a_std_error.log" in found
    assert dialect(Cluster()).array_limit() == 301
    assert dialect(Cluster(config="")).array_limit() == SlurmDialect.largest_array


def test_users_have_the_last_word() -> None:
    found = words(submission(seconds=60), "--export=NONE -q fast -J mine -t 5 -o out")
    assert "--export=ALL" not in found
    assert "--comment=toil-1" in found
    assert found[-11:-1] == ["--time=0:01:00", "--export=NONE", "-q", "fast", "-J", "mine", "-t", "5", "-o", "out"]
    assert found[-1].startswith("--error=")
    assert "--export=ALL" not in words(submission(), "--export-file variables")


@pytest.mark.parametrize(
    ("of", "partition"),
    [
        (submission(), None),
        (submission(gpu="A100"), None),
        (submission(cores=9), "--partition=big"),
        (submission(cores=9, seconds=3 * 86400), "--partition=scavenge"),
        (submission(megabytes=300_000), "--partition=huge"),
        (submission(gpu="H100"), "--partition=gpu"),
        (submission(cores=12, gpu="a100"), "--partition=gpu"),
    ],
)
def test_the_cheapest_partition_that_will_do_is_chosen(of: Submission, partition: str | None) -> None:
    chosen = [word for word in words(of) if word.startswith("--partition")]
    assert chosen == ([partition] if partition else [])


def test_no_partition_is_chosen_where_the_user_has(monkeypatch: pytest.MonkeyPatch) -> None:
    of = submission(cores=9)
    assert words(of, "-p huge")[-4:-2] == ["-p", "huge"]
    assert words(of, "-p huge", pe="wide")[-5:-2] == ["-p", "huge", "--partition=wide"]
    assert "--partition=wide" not in words(submission(), pe="wide")
    monkeypatch.setenv("SBATCH_PARTITION", "huge")
    assert [word for word in words(of) if word.startswith("--partition")] == []


# Nodes


def test_memory_is_left_out_where_slurm_does_not_know_of_any() -> None:
    cluster = Cluster()
    cluster.answers["sinfo"] = "main*|up|infinite|1|8|1|(null)|idle|OFF\n"
    speaks = dialect(cluster)
    assert speaks.unsatisfiable(submission()) == ""
    assert [word for word in speaks.submit_command(submission()).arguments if word.startswith("--mem")] == []


def test_nothing_is_unsatisfiable_where_nothing_is_known() -> None:
    cluster = Cluster()
    cluster.answers["sinfo"] = "error: slurm_load_partitions: Access/permission denied"
    speaks = dialect(cluster)
    assert speaks.unsatisfiable(submission(cores=1000)) == ""
    assert speaks.largest() is None
    assert "--mem=100M" in speaks.submit_command(submission()).arguments


def test_slots_are_those_of_nodes_that_are_there() -> None:
    assert dialect(Cluster()).slots(submission(cores=2)) == 8
    assert dialect(Cluster()).slots(submission(cores=2, megabytes=2000)) == 4
    assert dialect(Cluster()).slots(submission(cores=100)) == 1


def test_the_largest_allocation_is_what_the_largest_node_has() -> None:
    assert dialect(Cluster()).largest() == Allocation(128, 1024000 << 20, 0)


def test_generic_resources_are_read_and_asked_for_by_the_names_of_the_cluster() -> None:
    nodes = read_nodes(SINFO)
    assert len(nodes) == 7
    assert nodes[1].gres == (Gres("gpu", "a100", 2),)
    assert nodes[5].gres == (Gres("gpu", "nvidia_h100", 4), Gres("gpu", "a100", 4))
    assert gres_for([{"count": 2, "kind": "gpu"}], nodes) == (Gres("gpu", "", 2),)
    assert gres_for([{"count": 2, "kind": "gpu", "model": "H100"}], nodes) == (Gres("gpu", "nvidia_h100", 2),)
    assert gres_for([{"count": 1, "kind": "gpu", "brand": "amd"}], nodes) == (Gres("gpu", "", 1),)
    assert gres_for([{"count": 0, "kind": "gpu"}], nodes) == ()


def test_why_no_node_will_do_is_said_with_what_there_is() -> None:
    nodes: list[Nodes] = read_nodes(SINFO)
    assert complaint(Needs(1, 100), nodes) == ""
    assert complaint(Needs(200, 100), nodes) == (
        "No node of Slurm has what it needs: 200 cores, 100.0 MiB of memory. "
        "The largest one has 128 cores, 1000.0 GiB of memory (partition 'huge')."
    )
    assert complaint(Needs(1, 100, seconds=3600), nodes[2:3]) == (
        "Slurm lets no such job run for 3600 seconds; the most is 600 (partition 'short')."
    )
