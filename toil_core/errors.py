"""The root of every error that Toil raises on purpose.

An error carries its facts as attributes and one sentence for people. Errors that the person at the keyboard can
mend (a wrong locator, a missing script) are `UserError`s: the command line shows the sentence and exits 2. The types
for one room (`NoSuchFileException`, `JobGraphDeadlockException` …) live in that room's `errors.py`.
"""

from __future__ import annotations

from collections.abc import Iterable


class ToilError(Exception):
    """Anything that went wrong in a way Toil can explain.

    :param message: what happened and where, one sentence.
    :param hint: what to do about it, one sentence, or empty when nothing can be said.
    """

    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class UserError(ToilError):
    """Something the caller can put right: bad input, a wrong name, a store in the wrong state."""

    exit_status = 2


class ExplainedError(ToilError):
    """What went wrong in a job, with the facts that help people to find out why.

    Where a job raises it, or any exception with an attribute `explanation`, these lines are told at the end of the run
    in the place of a traceback and of the job's log.

    :param message: what happened and where, one sentence.
    :param explanation: lines for people: where in the workflow, which command, how it ended, what it last printed.
    :param hint: what to do about it, one sentence, or empty when nothing can be said.
    """

    def __init__(self, message: str, explanation: Iterable[str] = (), hint: str = "") -> None:
        super().__init__(message, hint)
        self.explanation = tuple(explanation)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.message, self.explanation, self.hint))


def described(error: BaseException) -> str:
    """Return an error of someone else's as one line that can end a sentence: its type and what it says."""
    kind = type(error).__name__
    try:
        text = " ".join(str(error).split()).rstrip(".")
    except Exception as another:  # A user's own type may have a broken __str__.
        text = f"its message cannot be told, which raises {type(another).__name__}"
    return f"{kind}: {text}" if text else kind
