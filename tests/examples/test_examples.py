"""The example scripts do what they say, run directly and with `toil run`."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

from tests.examples.running import SCRIPTS, both_ways, command_for, output_of, run


@both_ways
def test_hello_world(way: str, tmp_path: Path) -> None:
    assert output_of(way, SCRIPTS / "hello_world.py", tmp_path) == "Hello, world!\n"


@both_ways
def test_a_job_as_a_class(way: str, tmp_path: Path) -> None:
    assert output_of(way, SCRIPTS / "job_class.py", tmp_path) == "6 * 7 = 42\n"


@both_ways
def test_a_job_function_logs_to_the_leader(way: str, tmp_path: Path) -> None:
    command = command_for(way, SCRIPTS / "job_function.py", tmp_path / "store", ["--logInfo"])
    done = run(command, tmp_path)
    assert done.stdout == "Greetings: 3\n", done.stderr
    assert [done.stderr.count(f"Greeting Ada, {number} of 3") for number in (1, 2, 3)] == [1, 1, 1]


@both_ways
def test_children_come_before_follow_ons_and_after_all_their_parents(way: str, tmp_path: Path) -> None:
    output_of(way, SCRIPTS / "order_of_jobs.py", tmp_path, arguments=["--trace", "trace.txt"])
    trace = (tmp_path / "trace.txt").read_text().split()
    assert (trace[0], sorted(trace[1:3]), trace[3:]) == ("top", ["left", "right"], ["bottom", "end"])


@both_ways
def test_jobs_added_by_running_jobs(way: str, tmp_path: Path) -> None:
    assert output_of(way, SCRIPTS / "dynamic_jobs.py", tmp_path) == "Primes below 2000: 303\n"


@both_ways
def test_promises_of_parts_of_return_values(way: str, tmp_path: Path) -> None:
    expected = "probe: first 3, some [1, 4, 1], highest 5\n"
    assert output_of(way, SCRIPTS / "promises.py", tmp_path) == expected


@both_ways
def test_promised_requirements(way: str, tmp_path: Path) -> None:
    assert output_of(way, SCRIPTS / "promised_requirements.py", tmp_path).splitlines() == [
        "as large: 1 MiB of disk, 100 MiB of memory",
        "thrice: 6 MiB of disk, 100 MiB of memory",
        "together: 13 MiB of disk, 50 MiB of memory",
    ]


@both_ways
def test_files_streams_and_programs(way: str, tmp_path: Path) -> None:
    assert output_of(way, SCRIPTS / "files.py", tmp_path).splitlines() == [
        "first line",
        "an easy über-stream",
        "run by a job",
        "12 bytes more",
    ]


@both_ways
def test_files_are_staged_in_and_out(way: str, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("hello\nthere\n")
    output_of(way, SCRIPTS / "staging.py", tmp_path, arguments=["--input", "in.txt", "--output", "out.txt"])
    assert (tmp_path / "out.txt").read_text() == "HELLO\nTHERE\n"


@both_ways
def test_what_is_added_to_an_encapsulated_job_runs_after_all_of_it(way: str, tmp_path: Path) -> None:
    output = output_of(way, SCRIPTS / "encapsulation.py", tmp_path, arguments=["--trace", "trace.txt"])
    assert output == "The whole returned: first\n"
    assert (tmp_path / "trace.txt").read_text().splitlines() == ["first", "child", "follow-on", "after the whole"]


@both_ways
def test_deferred_functions_run_after_a_success(way: str, tmp_path: Path) -> None:
    output = output_of(way, SCRIPTS / "defer.py", tmp_path, arguments=["--outside", "outside.txt"])
    assert output == "In use: True\n"
    assert not (tmp_path / "outside.txt").exists()


@both_ways
def test_deferred_functions_run_after_a_failure(way: str, tmp_path: Path) -> None:
    arguments = ["--outside", "outside.txt", "--fail"]
    done = run(
        command_for(way, SCRIPTS / "defer.py", tmp_path / "store", ["--retryCount", "0"], arguments),
        tmp_path,
    )
    assert done.returncode == 1
    assert "failed on purpose" in done.stderr
    assert not (tmp_path / "outside.txt").exists()


@both_ways
def test_own_arguments_with_argparse(way: str, tmp_path: Path) -> None:
    script = SCRIPTS / "arguments_argparse.py"
    assert output_of(way, script, tmp_path, arguments=["--text", "so", "--times", "3"]) == "so so so\n"


def test_own_arguments_with_optparse_and_the_job_store_as_an_option(tmp_path: Path) -> None:
    script = SCRIPTS / "arguments_optparse.py"
    command = [sys.executable, str(script), "--jobStore", "file:store", "--text", "so", "--times", "3"]
    done = run(command, tmp_path)
    assert (done.stdout, done.returncode) == ("so so so\n", 0), done.stderr


def test_own_arguments_with_optparse_under_toil_run(tmp_path: Path) -> None:
    script = SCRIPTS / "arguments_optparse.py"
    assert output_of("toil-run", script, tmp_path, arguments=["--text", "so", "--times", "3"]) == "so so so\n"


@both_ways
def test_a_restart_uses_the_edited_script_and_repeats_nothing(way: str, tmp_path: Path) -> None:
    script = tmp_path / "restart.py"
    script.write_text((SCRIPTS / "restart.py").read_text())
    arguments = ["--notes", "notes.txt"]
    first = run(command_for(way, script, tmp_path / "store", ["--retryCount", "0"], arguments), tmp_path)
    assert first.returncode == 1
    assert "numberz" in first.stderr

    script.write_text(script.read_text().replace("numberz", "numbers"))
    again = run(command_for(way, script, tmp_path / "store", ["--restart"], arguments), tmp_path)
    assert again.stdout == "Average: 2.0\n", again.stderr
    assert (tmp_path / "notes.txt").read_text().split() == ["prepare", "average", "average"]
    assert not (tmp_path / "store").exists()


@both_ways
def test_a_flaky_job_succeeds_within_its_retries(way: str, tmp_path: Path) -> None:
    output = output_of(way, SCRIPTS / "flaky.py", tmp_path, ["--retryCount", "2"], ["--attempts", "attempts.txt"])
    assert output == "Attempts: 3\n"


@both_ways
def test_a_flaky_job_fails_when_its_retries_are_used_up(way: str, tmp_path: Path) -> None:
    done = run(
        command_for(
            way, SCRIPTS / "flaky.py", tmp_path / "store", ["--retryCount", "1"], ["--attempts", "attempts.txt"]
        ),
        tmp_path,
    )
    assert done.returncode == 1
    assert "the network is down, attempt 2" in done.stderr
    assert (tmp_path / "store").exists()


@both_ways
def test_requirements_by_signature_by_keyword_and_by_default(way: str, tmp_path: Path) -> None:
    options = ["--defaultMemory", "200Mi", "--defaultDisk", "30Mi", "--defaultCores", "1"]
    assert output_of(way, SCRIPTS / "resources.py", tmp_path, options).splitlines() == [
        f"signature: memory {300 * 10**6}, cores 0.5, disk {40 * 10**6}",
        "added with: memory 1024, cores 0.5, disk 2048",
        f"defaults: memory {200 * 1024**2}, cores 1, disk {30 * 1024**2}",
    ]


@both_ways
def test_log_messages_of_jobs_reach_the_leader_at_their_level(way: str, tmp_path: Path) -> None:
    done = run(command_for(way, SCRIPTS / "log_messages.py", tmp_path / "store", ["--logInfo"]), tmp_path)
    assert done.returncode == 0
    assert done.stderr.count("seen at the default level") == 1
    assert done.stderr.count("a warning for everybody") == 1
    assert "seen with --logDebug only" not in done.stderr
    assert "printed by the job" not in done.stdout


def test_a_package_is_run_by_the_name_of_its_module(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS / "hierarchy", tmp_path / "source")
    module = [sys.executable, "-m", "wordcount.main", f"file:{tmp_path}/store"]
    done = run([*module, "--text", "One two", "--text", "three"], tmp_path / "source")
    assert done.stdout == "Words: 3\n", done.stderr


@both_ways
def test_jobs_from_modules_beside_the_script(way: str, tmp_path: Path) -> None:
    assert output_of(way, SCRIPTS / "siblings" / "main.py", tmp_path) == "Half of three times 14: 21.0\n"


@both_ways
def test_merge_sort(way: str, tmp_path: Path) -> None:
    dice = random.Random(2)
    lines = [f"{dice.randrange(10**9):09d}\n" for _ in range(3000)]
    (tmp_path / "lines.txt").write_text("".join(lines))
    arguments = ["--input", "lines.txt", "--output", "sorted.txt", "--piece", "8000"]
    output = output_of(way, SCRIPTS / "merge_sort.py", tmp_path, arguments=arguments)
    assert output == "Sorted 30,000 bytes into sorted.txt\n"
    assert (tmp_path / "sorted.txt").read_text() == "".join(sorted(lines))


def test_lines_to_sort_are_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one.txt", "other.txt"):
        done = run([sys.executable, str(SCRIPTS / "make_lines.py"), name, "50"], tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one.txt").read_bytes() == (tmp_path / "other.txt").read_bytes()
    assert len((tmp_path / "one.txt").read_text().splitlines()) == 50
