"""Running CWL documents as a user does, each test in a directory of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toil_core.testing.commands import Outcome, toil

DOCUMENTS = Path(__file__).parent / "documents"


class Runs:
    """Runs documents in one directory.

    :param directory: the current directory of all runs.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, name: str, text: str) -> Path:
        """Write a file into the directory."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *arguments: str, variables: Mapping[str, str] | None = None) -> Outcome:
        """Run `toil cwl`; a failing job is not tried again unless the arguments say so."""
        return toil(["cwl", "--retryCount", "0", *arguments], self.directory, variables)

    def outputs(self, document: str, *arguments: str, **inputs: Any) -> Any:
        """Run a document of this project, or one that was written here, and return its output object.

        :param arguments: options, before the document.
        :param inputs: its input object.
        """
        given = self.write("inputs.json", json.dumps(inputs))
        kept = DOCUMENTS / document.partition("#")[0]
        path = f"{DOCUMENTS / document}" if kept.exists() else document
        outcome = self.run(*arguments, path, str(given))
        assert outcome.status == 0, str(outcome)
        return json.loads(outcome.stdout)
