"""Calling programs in containers, with a real engine."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import docker.errors
import pytest

from tests.containers.conftest import Engine, RunningJob
from toil.lib.docker import FORGO, RM, STOP, apiDockerCall, containerIsRunning, dockerCall, dockerKill, dockerStop
from toil_core.containers.errors import (
    ContainerArgumentError,
    ContainerFailed,
    ContainerNotStarted,
    ContainerTookTooLong,
    ImageUnavailable,
)

BOTH = ["sh", "-c", "echo out; echo err >&2"]


@pytest.fixture(autouse=True)
def _engine(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(job: RunningJob, *args: Any, **kwargs: Any) -> Any:
    return apiDockerCall(job.as_job(), "ubuntu", *args, **kwargs)


def test_the_current_directory_is_seen_as_data_and_is_where_the_program_starts(job: RunningJob, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("in\n")
    assert call(job, ["sh", "-c", "pwd; cat in.txt; echo made > /data/out.txt"]) == b"/data\nin\n"
    assert (tmp_path / "out.txt").read_text() == "made\n"


def test_volumes_are_made_where_they_are_missing_and_the_program_starts_where_its_directory_is_seen(
    job: RunningJob, tmp_path: Path
) -> None:
    source = tmp_path / "some" / "where"
    volumes = {str(source): {"bind": "/else", "mode": "rw"}}
    assert (
        call(
            job,
            ["sh", "-c", "pwd; touch made; ls /data 2> /dev/null || true"],
            volumes=volumes,
            working_dir=str(source),
        )
        == b"/else\n"
    )
    assert os.listdir(source) == ["made"]


def test_commands_in_lists_are_joined_by_pipes_and_their_words_are_left_alone(job: RunningJob) -> None:
    assert call(job, [["printf", "%s\n", "b c", "$HOME; a|"], ["sort"], ["cat", "-n"]]).split(b"\n")[:2] == [
        b"     1\t$HOME; a|",
        b"     2\tb c",
    ]


@pytest.mark.parametrize("entrypoint", [None, ["/bin/sh", "-c"]])
def test_a_pipe_fails_when_its_first_command_does(job: RunningJob, entrypoint: list[str] | None) -> None:
    with pytest.raises(ContainerFailed) as caught:
        call(job, [["sh", "-c", "exit 5"], ["cat"]], entrypoint=entrypoint)
    assert caught.value.exit_status == 5


def test_a_failure_carries_its_command_its_status_and_the_end_of_standard_error(job: RunningJob) -> None:
    with pytest.raises(ContainerFailed) as caught:
        call(job, ["sh", "-c", "seq 10000 >&2; echo the reason >&2; exit 7"], remove=True)
    assert caught.value.exit_status == 7
    assert caught.value.stderr.endswith(b"10000\nthe reason\n")
    assert len(caught.value.stderr) <= 4096
    assert "of 'ubuntu' ended with status 7: sh -c 'seq 10000" in str(caught.value)
    assert str(caught.value).endswith("the reason")
    assert isinstance(caught.value, docker.errors.ContainerError)


def test_output_is_returned_by_stream(job: RunningJob) -> None:
    assert call(job, BOTH) == b"out\n"
    assert call(job, BOTH, stdout=False, stderr=True) == b"err\n"
    assert sorted(call(job, BOTH, stderr=True).split()) == [b"err", b"out"]
    assert call(job, BOTH, stderr=True, demux=True) == (b"out\n", b"err\n")
    assert call(job, BOTH, demux=True) == (b"out\n", None)


def test_a_stream_gives_output_while_the_program_runs_and_raises_its_failure_at_the_end(
    job: RunningJob, tmp_path: Path
) -> None:
    stream = call(job, ["sh", "-c", "echo one; until [ -e go ]; do sleep 0.1; done; exit 3"], stream=True)
    assert next(stream) == b"one\n"
    (tmp_path / "go").touch()
    with pytest.raises(ContainerFailed, match="status 3"):
        next(stream)


def test_output_is_written_to_files_by_path_and_open_for_bytes_or_text(job: RunningJob, tmp_path: Path) -> None:
    assert call(job, ["echo", "päth"], streamfile=tmp_path / "out") is None
    assert (tmp_path / "out").read_bytes() == "päth\n".encode()
    for file, expected in ((io.BytesIO(), "ü\n".encode()), (io.StringIO(), "ü\n")):
        call(job, ["echo", "ü"], streamfile=file)
        assert file.getvalue() == expected
    with open(tmp_path / "text", "w", encoding="utf-8") as text:
        dockerCall(job.as_job(), "ubuntu", ["echo", "ö"], outfile=text)
    assert (tmp_path / "text").read_text(encoding="utf-8") == "ö\n"


def test_the_environment_the_user_and_other_arguments_of_the_sdk_reach_the_container(job: RunningJob) -> None:
    said = call(
        job,
        ["sh", "-c", "echo $A $B; id -u; df -P /scratch | tail -n 1 | cut -d ' ' -f 1"],
        environment=["A=1", "B=2 3"],
        user=1234,
        tmpfs={"/scratch": "size=1m"},
    )
    assert said == b"1 2 3\n1234\ntmpfs\n"


def test_time_that_is_over_kills_the_program(job: RunningJob) -> None:
    with pytest.raises(ContainerTookTooLong, match="killed after 2 seconds: sleep 600"):
        call(job, ["sleep", "600"], timeout=2)


def test_a_program_that_is_not_there_is_named(job: RunningJob) -> None:
    with pytest.raises(ContainerNotStarted, match="nosuchprogram") as caught:
        call(job, ["nosuchprogram"])
    assert isinstance(caught.value, docker.errors.APIError)


def test_an_image_that_cannot_be_had_is_named_with_the_reason(job: RunningJob) -> None:
    with pytest.raises(ImageUnavailable, match=r"'localhost:9/nosuch:1' could not be fetched: .*refused") as caught:
        apiDockerCall(job.as_job(), "localhost:9/nosuch:1", ["true"])
    assert isinstance(caught.value, docker.errors.ImageNotFound)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"nonsense": 1}, "nonsense"),
        ({"deferParam": 9}, "deferParam is 9"),
        ({"detach": True, "stream": True}, "cannot be streamed"),
        ({"parameters": ["a", ["b"]]}, "neither the words"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_and_leave_nothing(
    job: RunningJob, engine: Engine, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContainerArgumentError, match=said):
        call(job, **{"parameters": ["true"], "containerName": "refused", **arguments})
    job.end()
    assert engine.state_of("refused") == ""


@pytest.mark.parametrize(("action", "after"), [(None, ""), (RM, ""), (STOP, "exited"), (FORGO, "running")])
def test_a_detached_program_is_ended_with_its_job_as_asked(
    job: RunningJob, engine: Engine, action: int | None, after: str
) -> None:
    name = f"detached-{action}"
    program = ["sh", "-c", "trap exit TERM; while :; do sleep 0.1; done"]
    container = call(job, program, detach=True, deferParam=action, containerName=name)
    assert container.name == name
    assert containerIsRunning(name) is True
    job.end()
    assert engine.state_of(name) == after
    dockerKill(name, remove=True)
    assert containerIsRunning(name) is None


def test_ending_a_container_twice_or_one_that_never_was_is_fine(job: RunningJob, engine: Engine) -> None:
    call(job, ["sleep", "600"], detach=True, containerName="twice")
    for _ in range(2):
        dockerKill("twice")
        assert containerIsRunning("twice") is False
    for _ in range(2):
        dockerStop("twice", remove=True)
        assert engine.state_of("twice") == ""
    job.end()


def test_a_container_is_removed_with_its_program_when_asked_and_otherwise_with_its_job(
    job: RunningJob, engine: Engine
) -> None:
    call(job, ["true"], containerName="at-once", remove=True)
    call(job, ["true"], containerName="later")
    assert (engine.state_of("at-once"), engine.state_of("later")) == ("", "exited")
    job.end()
    assert engine.state_of("later") == ""


def test_a_tool_sees_its_directory_as_data_and_takes_options_as_typed_for_docker_run(
    job: RunningJob, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    said = dockerCall(
        job.as_job(),
        tool="ubuntu",
        workDir=str(tmp_path / "sub"),
        parameters=["sh", "-c", "echo $A > a; pwd"],
        dockerParameters=["--rm", "-e", "A=b", "--log-driver", "none", "-v", f"{tmp_path}:/all:ro"],
    )
    assert said == b"/data\n"
    assert (tmp_path / "sub" / "a").read_text() == "b\n"
