"""The settings of a run in a workflow language: what its command line, the environment and files make of options."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from toil_core.options.invocation import current_invocation, set_invocation
from toil_core.options.layers import below_command_line
from toil_core.plugins import plugin_options
from toil_core.worker.node import work_dir


def run_options(language: str, **settings: Any) -> Namespace:
    """Return all options, Toil's and those of the language, with the job store, as `Toil` takes them.

    What the command line says wins over the environment, that over the file that `--config` names, and that over
    defaults. Where no command was run, as in tests, a job store is thought of in the directory for temporary files.

    :param language: the name of the language.
    :param settings: values that the language sets itself, which win over all of these.
    :raises OptionError: if the environment or the file says something unusable.
    """
    told = current_invocation()
    if told.language != language:
        set_invocation(told.values, told.locator, told.locator_is_explicit, told.to_continue, language)
    values = below_command_line(plugin_options()).values
    locator = told.locator or new_locator(values)
    return Namespace(**{"jobStore": locator, **values, **settings})


def new_locator(values: Mapping[str, Any]) -> str:
    """Return a job store that is not there yet, where all that has to do with the run can reach it.

    That is among the machine's temporary files for a run on this machine, and in the current directory for others.

    :param values: the options by name.
    """
    directory = work_dir(values["workDir"]) if values["batchSystem"] == "single_machine" else os.getcwd()
    while True:
        path = os.path.join(directory, f"toil-run-{os.urandom(4).hex()}")
        if not os.path.lexists(path):
            return f"file:{path}"
