"""What can go wrong with a workflow's documents, inputs and outputs in whichever language it is written."""

from __future__ import annotations

from collections.abc import Sequence

from toil_core.errors import UserError


class InputsUnavailable(UserError):
    """Some input files cannot be had.

    :param problems: each file's URL or path, as it was given, and what is the matter with it, one sentence.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        if len(problems) == 1:
            message = problems[0][1]
        else:
            message = "\n  ".join([f"{len(problems)} input files cannot be had:", *(said for _, said in problems)])
        super().__init__(message, "")
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.problems,))


class OutputNameError(UserError):
    """An output file cannot be written under the name that is wanted for it.

    :param name: the name.
    """

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(f"No output can be written as '{name}': {reason}.", hint)
        self.name = name
