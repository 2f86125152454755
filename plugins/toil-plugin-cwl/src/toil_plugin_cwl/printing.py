"""What can be printed of a document instead of running it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from toil_plugin_cwl.documents import Documents, explained


def print_of(documents: Documents, options: Any) -> bool:
    """Print what the options ask for instead of a run.

    :param documents: not loaded yet.
    :returns: whether they ask for anything.
    """
    wanted: dict[str, Callable[[Documents], None]] = {
        "pack": _print_packed,
        "printDot": _print_dot,
        "makeTemplate": _print_template,
    }
    for name, show in wanted.items():
        if getattr(options, name):
            show(documents)
            return True
    return False


def _print_packed(documents: Documents) -> None:
    from cwltool.main import print_pack

    documents.load()
    with explained(documents.path):
        sys.stdout.write(print_pack(documents.context, documents.uri) + "\n")


def _print_dot(documents: Documents) -> None:
    from cwltool.cwlrdf import printdot

    process = documents.load()
    loader = documents.context.loader
    assert loader is not None
    printdot(process, loader.ctx, sys.stdout)
    sys.stdout.write("\n")


def _print_template(documents: Documents) -> None:
    from cwltool.main import make_template

    make_template(documents.load(), sys.stdout)
