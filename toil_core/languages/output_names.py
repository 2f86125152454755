"""The names of outputs where they are put together: each below the destination, and no two alike."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from typing import Literal

from toil_core.languages.errors import OutputNameError

#: What becomes of the second file that wants a name: `a.txt_2`, `a_2.txt`, or an error.
Collisions = Literal["append", "stem", "refuse"]


class OutputNames:
    """Gives each output a name of its own.

    :param collisions: what becomes of the second that wants a name.
    """

    def __init__(self, collisions: Collisions = "append") -> None:
        self._collisions = collisions
        self._given: dict[tuple[Hashable, str], str] = {}
        self._taken: set[str] = set()
        #: Directories that names stand in; nothing else can have such a name, but more may be put there.
        self._shared: set[str] = set()
        #: The number that was last tried for a name, so that many alike do not take long.
        self._last: dict[str, int] = {}

    def names_for(self, outputs: Iterable[tuple[Hashable, str]]) -> list[str]:
        """Return the name of each of several outputs, in their order.

        :param outputs: what each is, and the name that it wants; the same output under the same name is one.
        :raises OutputNameError: if a name leads out of the destination, or is wanted twice and that is refused.
        """
        return [self.name_for(output, wanted) for output, wanted in outputs]

    def name_for(self, output: Hashable, wanted: str) -> str:
        """Return the name of one output.

        :raises OutputNameError: if it leads out of the destination, or is wanted twice and that is refused.
        """
        name = self._checked(wanted)
        # What is made anew, an empty directory or some text, is the same as another such only if it is called alike.
        key = (output, name)
        if key not in self._given:
            self._given[key] = self._free(name)
            self._take(self._given[key])
        return self._given[key]

    @staticmethod
    def _checked(wanted: str) -> str:
        parts = [part for part in wanted.split("/") if part not in ("", ".")]
        if not parts or wanted.startswith("/") or ".." in parts or "\0" in wanted:
            raise OutputNameError(wanted, "it is not the name of a file in the output directory")
        return "/".join(parts)

    def _free(self, name: str) -> str:
        """Return the name, or one like it whose first part that is in the way of others has a number."""
        in_the_way = self._in_the_way(name)
        if not in_the_way:
            return name
        if self._collisions == "refuse":
            raise OutputNameError(name, "two outputs have that name", "Rename one of them in the workflow.")
        rest = name[len(in_the_way) :]
        number = self._last.get(in_the_way, 1)
        while True:
            number += 1
            numbered = self._numbered(in_the_way, number) + rest
            if not self._in_the_way(numbered):
                self._last[in_the_way] = number
                return numbered

    def _in_the_way(self, name: str) -> str:
        """Return which part of a name, from its beginning, something else has; empty if none."""
        end = name.find("/")
        while end > 0:
            if name[:end] in self._taken:
                return name[:end]
            end = name.find("/", end + 1)
        return name if name in self._taken or name in self._shared else ""

    def _take(self, name: str) -> None:
        self._taken.add(name)
        above = os.path.dirname(name)
        while above and above not in self._shared:
            self._shared.add(above)
            above = os.path.dirname(above)

    def _numbered(self, name: str, number: int) -> str:
        if self._collisions == "append":
            return f"{name}_{number}"
        directory, base = os.path.split(name)
        stem, dot, suffix = base.partition(".") if not base.startswith(".") else (base, "", "")
        return os.path.join(directory, f"{stem}_{number}{dot}{suffix}")
