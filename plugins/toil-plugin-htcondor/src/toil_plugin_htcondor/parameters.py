"""The lines that users add to submit descriptions: read, and refused where only jobs or Toil can say what they say."""

from __future__ import annotations

from collections.abc import Mapping

from toil_core.api import UserError

_OF_JOBS = {"request_cpus", "request_memory"}
_OF_TOIL = {"executable", "arguments", "args", "batch_name"}


class BadParameters(UserError):
    """Lines for submit descriptions that cannot be added.

    :param reason: what is wrong with them, the end of a sentence.
    :param hint: what to do instead.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"TOIL_HTCONDOR_PARAMS (--htcondorParams) {reason}.", hint)


def read_parameters(text: str) -> Mapping[str, str]:
    """Return what `parameter = value; …` sets, by the names of parameters in lower case: HTCondor takes any case.

    :raises BadParameters: if a part sets nothing, or what is not for it to set.
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            hint = "Write parameter = value, with semicolons between several."
            raise BadParameters(f"has '{part}' in it, which sets nothing", hint)
        if name.lower() in _OF_JOBS:
            hint = "Take it out and give jobs requirements (cores, memory), or set --defaultCores and --defaultMemory."
            raise BadParameters(f"must not say how many cores or how much memory jobs get, as '{part}' does", hint)
        if name.lower() in _OF_TOIL:
            raise BadParameters(f"sets '{name}', which Toil has to decide by itself", "Take it out.")
        found[name.lower()] = value
    return found
