"""The examples of a text in the form that the WDL specification has them in, since its version 1.1.1.

Each is a `<details>` block: a line "Example: NAME.wdl", the document, and perhaps the inputs, the outputs and a test
configuration in JSON. How a name ends says what is to be run of it: `_task`, `_fail`, `_fail_task`, or `_resource` for
documents that only others import. The text may be the specification itself, or the project's own cases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_BLOCK = re.compile(r"<details>(.*?)</details>", re.DOTALL)
_NAME = re.compile(r"Example:\s*(\S+)\.wdl")
_FENCE = re.compile(r"^([ \t]*)```(\w+)[ \t]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"(Example input|Example output|Test config):")


class Example(NamedTuple):
    """One example.

    :ivar name: its name, with how it ends.
    :ivar document: the WDL.
    :ivar inputs: the inputs in JSON, if there are any.
    :ivar outputs: the outputs that it is to have, or None if that is not told.
    :ivar config: the test configuration.
    """

    name: str
    document: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] | None
    config: dict[str, Any]

    @property
    def is_resource(self) -> bool:
        """Whether it is there to be imported, not to be run."""
        return self.name.endswith("_resource") or self.config.get("type") == "resource"

    @property
    def is_task(self) -> bool:
        """Whether it is a task that is to be run."""
        return str(self.config.get("type", "task" if self.name.endswith("_task") else "workflow")) == "task"

    @property
    def target(self) -> str:
        """The name of the task or workflow to run."""
        return str(self.config.get("target", self.name.removesuffix("_task")))

    @property
    def fails(self) -> bool:
        """Whether it is to fail."""
        return bool(self.config.get("fail", self.name.removesuffix("_task").endswith("_fail")))

    @property
    def ignored(self) -> bool:
        """Whether it is not to be run at all."""
        return self.config.get("priority") == "ignore"

    @property
    def optional(self) -> bool:
        """Whether it may fail where a machine lacks what it needs."""
        return self.config.get("priority") == "optional" or bool(self.config.get("dependencies"))

    @property
    def unchecked(self) -> set[str]:
        """The outputs that are not to be compared."""
        found = self.config.get("exclude_output", self.config.get("exclude_outputs", []))
        return {found} if isinstance(found, str) else set(found)


def examples_in(text: str) -> list[Example]:
    """Return the examples of a text, in their order."""
    return [example for block in _BLOCK.findall(text) for example in _example(block)]


def _example(block: str) -> Iterator[Example]:
    name = _NAME.search(block)
    if name is None:
        return
    parts: dict[str, str] = {}
    for fence in _FENCE.finditer(block):
        titles = _TITLE.findall(block[: fence.start()])
        title = "document" if fence[2] == "wdl" else (titles[-1] if titles else "")
        parts.setdefault(title, _dedented(fence[3], fence[1]))
    if "document" not in parts:
        return
    outputs = parts.get("Example output")
    yield Example(
        name[1],
        parts["document"],
        json.loads(parts.get("Example input", "{}") or "{}"),
        json.loads(outputs) if outputs else None,
        json.loads(parts.get("Test config", "{}") or "{}"),
    )


def _dedented(text: str, indent: str) -> str:
    return "\n".join(line.removeprefix(indent) for line in text.split("\n"))


def write_examples(examples: list[Example], data: Path, directory: Path) -> None:
    """Write all documents into one directory, since some import others, with the data that their inputs name.

    :param data: the directory of the data, which may be missing.
    """
    for example in examples:
        (directory / f"{example.name}.wdl").write_text(example.document, encoding="utf-8")
    if data.is_dir():
        for path in data.rglob("*"):
            place = directory / path.relative_to(data)
            if path.is_dir():
                place.mkdir(exist_ok=True, parents=True)
            else:
                place.parent.mkdir(exist_ok=True, parents=True)
                place.write_bytes(path.read_bytes())


def differences(expected: Any, found: Any, data: Path, where: str = "") -> Iterator[str]:
    """Return how outputs differ from what they are to be, one sentence each.

    A file is as it should be if it has the content of the file of the data that is named, or its name if there is none.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            yield from differences(expected.get(key), found.get(key), data, f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, data, f"{where}[{number}]")
    elif isinstance(expected, (int, float)) and isinstance(found, (int, float)) and not isinstance(expected, bool):
        if abs(expected - found) > 1e-6 * max(1.0, abs(expected)):
            yield f"{where} is {found} and not {expected}"
    elif isinstance(expected, str) and isinstance(found, str) and found.startswith("/") and found != expected:
        yield from _file_differences(expected, Path(found), data, where)
    elif expected != found:
        yield f"{where} is {found!r} and not {expected!r}"


def _file_differences(expected: str, found: Path, data: Path, where: str) -> Iterator[str]:
    reference = data / expected
    if reference.is_file():
        if not found.is_file() or found.read_bytes() != reference.read_bytes():
            yield f"{where}, {found}, has not the content of {reference}"
    elif found.name != Path(expected).name:
        yield f"{where} is {found} and not called {expected}"
