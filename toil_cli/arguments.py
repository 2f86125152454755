"""What arguments of commands are, as far as shells can help with typing them."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem


class JobStore(click.Path):
    """The locator of a job store; a shell offers directories."""

    name = "job store"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return what could stand here."""
        return [CompletionItem(incomplete, type="dir")]


def items(words: Any, incomplete: str) -> list[CompletionItem]:
    """Return those words that begin like what was typed, in whatever case."""
    return [CompletionItem(word) for word in words if word.lower().startswith(incomplete.lower())]


JOB_STORE = JobStore()
PATH = click.Path()
