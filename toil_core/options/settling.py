"""From what users and scripts set to what the rest of Toil can rely on: values converted, options checked against each
other, defaults that depend on other options filled in.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from toil_core.options.catalogue import settings
from toil_core.options.errors import ContradictingOptionsError, MissingDirectoryError, OptionError
from toil_core.options.option import Option


class MissingJobStoreError(OptionError):
    """A workflow that was not told where to keep its jobs and files."""

    def __init__(self) -> None:
        super().__init__("No job store was given.", "Name one, such as file:my-job-store.")


def defaults() -> dict[str, Any]:
    """Return every attribute of a configuration in which nothing is set."""
    values = {name: option.convert(None) for name, option in settings().items()}
    facts = {
        "jobStore": "",
        "workflowID": "",
        "workflowAttemptNumber": 0,
        "implementations": {},
        "userScript": None,
        "replicateEnvironment": False,
    }
    return {**facts, **values, "clean": _clean_default(values)}


@cache
def aliases() -> dict[str, str]:
    """Return the option's name for each other attribute name of it."""
    return {alias: option.name for option in settings().values() for alias in option.aliases}


def settled(current: Mapping[str, Any], namespace: Any, extra: Iterable[Option] = ()) -> dict[str, Any]:
    """Return the settings that a namespace makes of the current ones, complete and consistent.

    :param current: the settings by name.
    :param namespace: anything with attributes; those that are no options are left alone.
    :param extra: options of plugins.
    :raises OptionError: if a value is not one that its option can take, or two options contradict each other.
    """
    options = settings(extra)
    given = _given(options, namespace)
    values = {name: option.convert(None) for name, option in options.items()}
    values.update((name, value) for name, value in current.items() if name in options)
    values.update(given)
    _check(given, values)
    if values["stats"] or given.get("clean") is None:
        values["clean"] = _clean_default(values)
    if values["disableCaching"]:
        values["caching"] = False
    return {**values, **_job_store(namespace)}


def _given(options: Mapping[str, Option], namespace: Any) -> dict[str, Any]:
    """Return the converted value of every option that the namespace has, set under another name of it or its own."""
    present = vars(namespace)
    given = {}
    for name, option in options.items():
        for attribute in (*option.aliases, name):
            if attribute in present:
                given[name] = option.convert(present[attribute], f"options.{attribute}")
                break
    return given


def _job_store(namespace: Any) -> dict[str, str]:
    if not hasattr(namespace, "jobStore"):
        return {}
    if not namespace.jobStore:
        raise MissingJobStoreError()
    return {"jobStore": os.fspath(namespace.jobStore)}


def _clean_default(values: Mapping[str, Any]) -> str:
    return "never" if values["stats"] else "onSuccess"


def _check(given: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Refuse options that contradict each other or name what is not there."""
    if values["disableCaching"] and given.get("caching"):
        raise ContradictingOptionsError("--disableCaching", "--caching=true", "leave one of them out.")
    if values["debugWorker"] and values["batchSystem"] != "single_machine":
        raise ContradictingOptionsError(
            "--debugWorker", f"--batchSystem={values['batchSystem']}", "it works on the single machine only."
        )
    if values["writeLogs"] and values["writeLogsGzip"]:
        raise ContradictingOptionsError("--writeLogs", "--writeLogsGzip", "leave one of them out.")
    if values["rotatingLogging"] and not values["logFile"]:
        raise OptionError("--rotatingLogging has no file to rotate.", "Name one with --logFile.")
    if values["workDir"] and not os.path.isdir(values["workDir"]):
        raise MissingDirectoryError("--workDir", values["workDir"])
    if values["coordinationDir"] and not os.path.isdir(values["coordinationDir"]):
        raise MissingDirectoryError("--coordinationDir", values["coordinationDir"])
