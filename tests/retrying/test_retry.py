"""Functions that are called again when they fail in ways that may pass."""

from __future__ import annotations

import io
import urllib.error
from email.message import Message
from typing import Any

import docker.errors
import pytest
import requests

from toil.lib.retry import DEFAULT_INTERVALS, ErrorCondition, retry
from toil_core.retrying import Condition

NOW = [0.0] * 3


class ClientError(Exception):
    """An error like those of botocore."""

    def __init__(self, code: str, status: int, message: str = "") -> None:
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}


class Failing:
    """A function that fails with these errors in turn, and then returns how often it was called."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.calls


def attempts(error: BaseException, *conditions: Condition) -> int:
    """Return how often a function is called that fails once with an error."""
    failing = Failing(error)

    @retry(intervals=NOW, errors=list(conditions))
    def call() -> int:
        return failing()

    try:
        return call()
    except type(error):
        return failing.calls


def http_error(status: int, text: str = "") -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    response.raw = io.BytesIO(text.encode())
    return requests.HTTPError(f"{status} from somewhere", response=response)


def test_a_function_keeps_its_name_its_arguments_and_its_value() -> None:
    @retry()
    def add(first: int, *, second: int) -> int:
        """Add."""
        return first + second

    assert (add.__name__, add.__doc__, add(1, second=2)) == ("add", "Add.", 3)


@pytest.mark.parametrize(
    ("error", "conditions", "expected"),
    [
        (KeyError("a"), [KeyError], 2),
        (KeyError("a"), [LookupError], 2),
        (KeyError("a"), [ValueError], 1),
        (KeyError("a"), [ValueError, KeyError], 2),
        (KeyError("a"), [], 2),
        (KeyboardInterrupt(), [], 1),
        (KeyError("a"), [ErrorCondition(error=KeyError)], 2),
        (KeyError("a"), [ErrorCondition(error_message_must_include="a")], 2),
        (KeyError("a"), [ErrorCondition(error_message_must_include="b")], 1),
    ],
)
def test_errors_are_told_by_type_and_message(error: BaseException, conditions: list[Any], expected: int) -> None:
    assert attempts(error, *conditions) == expected


@pytest.mark.parametrize(
    "error",
    [
        http_error(503),
        ClientError("SlowDown", 503),
        urllib.error.HTTPError("http://x", 503, "busy", Message(), None),
        docker.errors.APIError("busy", http_error(503).response),
    ],
    ids=["requests", "botocore", "urllib", "docker"],
)
def test_statuses_of_http_are_found_in_the_errors_of_libraries(error: Exception) -> None:
    assert attempts(error, ErrorCondition(error=type(error), error_codes=[500, 503])) == 2
    assert attempts(error, ErrorCondition(error=type(error), error_codes=[404])) == 1
    assert attempts(error, ErrorCondition(error_codes=[503])) == 2


def test_errors_without_a_status_match_no_status() -> None:
    assert attempts(ValueError("404"), ErrorCondition(error=ValueError, error_codes=[404])) == 1


def test_codes_of_aws_are_told_apart() -> None:
    error = ClientError("BucketNotFound", 404, "There is no such bucket")
    assert attempts(error, ErrorCondition(error=ClientError, boto_error_codes=["BucketNotFound"])) == 2
    assert attempts(error, ErrorCondition(error=ClientError, boto_error_codes=["Throttling"])) == 1
    assert attempts(error, ErrorCondition(error_message_must_include="no such bucket")) == 2
    assert attempts(ValueError(), ErrorCondition(boto_error_codes=["BucketNotFound"])) == 1


def test_the_text_of_a_response_is_part_of_the_message() -> None:
    error = http_error(400, "NotFound: nothing here")
    assert attempts(error, ErrorCondition(error=requests.HTTPError, error_message_must_include="NotFound")) == 2


def test_conditions_take_kinds_out_of_what_others_allow() -> None:
    never = ErrorCondition(error=ValueError, error_message_must_include="never", retry_on_this_condition=False)
    assert attempts(ValueError("never"), ValueError, never) == 1
    assert attempts(ValueError("soon"), never, ValueError) == 2
    assert attempts(KeyError("never"), never) == 2
    assert attempts(ValueError("never"), never) == 1


def test_the_last_error_is_raised_when_the_intervals_are_over() -> None:
    failing = Failing(*[ValueError(str(number)) for number in range(9)])
    with pytest.raises(ValueError, match=r"^2$"):
        retry(intervals=[0, 0], errors=[ValueError])(failing.__call__)()
    assert failing.calls == 3


def test_the_waits_are_the_intervals_and_the_last_is_repeated_where_there_is_no_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    failing = Failing(*[ValueError()] * 4)
    assert retry(intervals=[1, 2], infinite_retries=True)(failing.__call__)() == 5
    assert waits == [1, 2, 2, 2]
    waits.clear()
    with pytest.raises(ValueError, match=r"^$"):
        retry()(Failing(*[ValueError()] * 99).__call__)()
    assert waits == list(DEFAULT_INTERVALS)


def test_before_each_further_call_there_is_a_message_and_a_preparation() -> None:
    done: list[str] = []
    failing = Failing(ValueError("first"), ValueError("second"))
    call = retry(
        intervals=NOW,
        log_message=(lambda text: done.append(text), "The bucket cannot be made."),
        prepare=[lambda: done.append("prepared")],
    )(failing.__call__)
    assert call() == 3
    assert done == [
        "The bucket cannot be made. Attempt 1 failed (first); the next is in 0 s.",
        "prepared",
        "The bucket cannot be made. Attempt 2 failed (second); the next is in 0 s.",
        "prepared",
    ]


def test_what_is_no_error_among_the_errors_is_refused_when_the_function_is_defined() -> None:
    with pytest.raises(TypeError, match="not 'ValueError'"):
        retry(errors=["ValueError"])  # type: ignore[list-item]
