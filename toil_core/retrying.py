"""Calling a function again when it fails in a way that may pass: `retry`, and `ErrorCondition` to say which ways.

Conditions look at what errors have in common (a status, a code, a message) rather than at their types, so no library is
imported to tell its errors; what does the waiting is imported at the first call.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

if TYPE_CHECKING:
    from tenacity import RetryCallState

logger = logging.getLogger(__name__)

#: How many seconds pass before each further call, unless a function says otherwise.
DEFAULT_INTERVALS: tuple[float, ...] = (1, 1, 2, 4, 8, 16, 32)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class ErrorCondition(NamedTuple):
    """A kind of failure; all that is given has to hold of an error.

    :ivar error: its type; any, where none is given.
    :ivar error_codes: statuses of HTTP, of which it carries one.
    :ivar boto_error_codes: codes of AWS such as `BucketNotFound`, of which it carries one.
    :ivar error_message_must_include: what its message contains.
    :ivar retry_on_this_condition: whether to call again; False takes a kind out of what other conditions allow.
    """

    error: type[BaseException] | None = None
    error_codes: Sequence[int] = ()
    boto_error_codes: Sequence[str] = ()
    error_message_must_include: str = ""
    retry_on_this_condition: bool = True

    def matches(self, error: BaseException) -> bool:
        """Return whether an error is of this kind."""
        return (
            isinstance(error, self.error or Exception)
            and (not self.error_codes or http_status(error) in self.error_codes)
            and (not self.boto_error_codes or aws_code(error) in self.boto_error_codes)
            and (not self.error_message_must_include or self.error_message_must_include in message_of(error))
        )


Condition = ErrorCondition | type[BaseException]


def retry(
    intervals: Iterable[float] | None = None,
    infinite_retries: bool = False,
    errors: Iterable[Condition] | None = None,
    log_message: tuple[Callable[[str], Any], str] | None = None,
    prepare: Iterable[Callable[[], Any]] | None = None,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Return a decorator that has a function called again when it fails in one of these ways.

    :param intervals: seconds to wait before each further call; as many calls follow the first. By default seven, over
        about a minute.
    :param infinite_retries: go on after the last interval, with that interval.
    :param errors: which failures: types of errors, and conditions. Any that a condition with
        `retry_on_this_condition=False` matches is left out. Where nothing else is given, all others are meant.
    :param log_message: a function that is called with a text before each further call.
    :param prepare: functions that are called before each further call.
    :raises TypeError: if something among the errors is neither a type of errors nor a condition.
    """
    waits = tuple(DEFAULT_INTERVALS if intervals is None else intervals)
    conditions = tuple(_condition(entry) for entry in errors or ())
    preparations = tuple(prepare or ())

    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        text = f"Attempt {state.attempt_number} failed ({error}); the next is in {state.upcoming_sleep:g} s."
        if log_message is None:
            logger.info("%s: %s", state.fn and getattr(state.fn, "__qualname__", state.fn), text)
        else:
            tell, message = log_message
            tell(f"{message} {text}")

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @functools.wraps(function)
        def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            import tenacity

            def prepared(state: RetryCallState) -> None:
                if state.attempt_number > 1:
                    for preparation in preparations:
                        preparation()

            retrying = tenacity.Retrying(
                stop=tenacity.stop_never if infinite_retries else tenacity.stop_after_attempt(len(waits) + 1),
                wait=tenacity.wait_chain(*map(tenacity.wait_fixed, waits or (0,))),
                retry=tenacity.retry_if_exception(lambda error: should_retry(error, conditions)),
                before=prepared,
                before_sleep=before_sleep,
                reraise=True,
            )
            return retrying(function, *args, **kwargs)

        return call

    return decorate


def should_retry(error: BaseException, conditions: Sequence[ErrorCondition]) -> bool:
    """Return whether a failure is one of those that are worth another call.

    :param conditions: where none allows anything, all that none forbids is allowed.
    """
    if any(condition.matches(error) for condition in conditions if not condition.retry_on_this_condition):
        return False
    allowed = [condition for condition in conditions if condition.retry_on_this_condition] or [ErrorCondition()]
    return any(condition.matches(error) for condition in allowed)


def http_status(error: BaseException) -> int | None:
    """Return the status of HTTP that an error carries, in whichever way its library has it.

    Known are `status_code`, `status` and `code` of the error or of its `response` (requests, httpx, urllib, Google,
    Kubernetes, Docker), and the metadata of a response of botocore.
    """
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):
        metadata = response.get("ResponseMetadata")
        return metadata.get("HTTPStatusCode") if isinstance(metadata, Mapping) else None
    for holder in (response, error):
        for name in ("status_code", "status", "code"):
            found = getattr(holder, name, None)
            if isinstance(found, int):
                return int(found)
    return None


def aws_code(error: BaseException) -> str | None:
    """Return the code of AWS that an error of botocore carries."""
    details = _aws_error(error)
    code = details.get("Code") if details else getattr(error, "error_code", None)
    return code if isinstance(code, str) else None


def message_of(error: BaseException) -> str:
    """Return all that an error says, with the text of the response that it came from."""
    parts = [str(error)]
    details = _aws_error(error)
    if details:
        parts.append(str(details.get("Message", "")))
    text = getattr(getattr(error, "response", None), "text", None)
    if isinstance(text, str):
        parts.append(text)
    return "\n".join(parts)


def _aws_error(error: BaseException) -> Mapping[str, Any]:
    response = getattr(error, "response", None)
    details = response.get("Error") if isinstance(response, Mapping) else None
    return details if isinstance(details, Mapping) else {}


def _condition(entry: Condition) -> ErrorCondition:
    if isinstance(entry, ErrorCondition):
        return entry
    if isinstance(entry, type) and issubclass(entry, BaseException):
        return ErrorCondition(entry)
    raise TypeError(f"retry() takes types of errors and ErrorConditions among its errors, not {entry!r}.")
