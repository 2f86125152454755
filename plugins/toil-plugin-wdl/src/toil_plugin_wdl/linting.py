"""`--strict`: questionable code is refused, as errors are."""

from __future__ import annotations

from typing import Any

from WDL import Lint, Tree

from toil_plugin_wdl.problems import DocumentError, pointed_at


def refuse_questionable_code(document: Tree.Document) -> None:
    """Look for code that is valid but probably not meant.

    :raises DocumentError: if there is any; it tells all of it.
    """
    linted: Any = Lint.lint(document, descend_imports=False)
    collected = Lint.collect(linted)  # type: ignore[no-untyped-call]
    found = [one for one in collected if not one[3]]
    parts = [
        f"{message} ({kind}) at {pointed_at(position, document.source_text)}" for position, kind, message, _ in found
    ]
    if parts:
        raise DocumentError(
            "\n".join(["The document has questionable code, which --strict refuses.", *parts]),
            "Leave out --strict to run it all the same.",
        )
