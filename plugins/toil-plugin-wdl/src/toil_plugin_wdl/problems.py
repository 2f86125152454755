"""What can be wrong with a document, its inputs and its tasks, and how it is told: with the source line and a caret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from toil_core.api import ExplainedError, ToilError, UserError

#: What the parser says of something that it did not expect.
_TOKEN = re.compile(r"Unexpected token Token\('\w+', '(.*?)(?:\\n.*)?'\)")


class DocumentError(UserError):
    """A document that cannot be read, is not WDL, or does not make sense."""


class InputError(UserError):
    """Inputs that do not fit the document."""


class EvaluationError(ExplainedError):
    """An expression that could not be evaluated."""


class TaskFailed(ExplainedError):
    """A task's command failed, or did not do what the task declares."""


def pointed_at(position: Any, source: str | None) -> str:
    """Return a place in a document as people want to see it: file, line, column, the line itself and a caret.

    :param position: a `SourcePosition`.
    :param source: the document's text, or None where that is not at hand.
    """
    where = f"{position.uri or position.abspath}:{position.line}:{position.column}"
    lines = (source or "").split("\n")
    if not 0 < position.line <= len(lines):
        return where
    line = lines[position.line - 1].rstrip()
    width = position.end_column - position.column if position.end_line == position.line else len(line)
    underline = "^" * max(1, min(width, len(line) - position.column + 1))
    shown = line.replace("\t", " ")
    return f"{where}\n    {shown}\n    {' ' * (position.column - 1)}{underline}"


def source_of(node: Any) -> str | None:
    """Return the text of the document that a node of the syntax tree is in, or None if it cannot be told."""
    while node is not None and not hasattr(node, "source_text"):
        node = getattr(node, "parent", None)
    return getattr(node, "source_text", None)


def explain_document_error(error: BaseException) -> DocumentError | None:
    """Return an error of the parser or the checker as one of ours, or None if it is neither."""
    parts = list(_parts(error, None))
    if not parts:
        return None
    if len(parts) == 1:
        return DocumentError(parts[0])
    return DocumentError("\n".join([f"There are {len(parts)} errors.", *parts]))


def _parts(error: BaseException | None, source: str | None) -> Iterator[str]:
    from WDL import Error

    source = getattr(error, "source_text", None) or source
    if isinstance(error, Error.MultipleValidationErrors):
        for one in error.exceptions:
            yield from _parts(one, source)
    elif isinstance(error, Error.ImportError):
        yield from _import_parts(error, source)
    elif isinstance(error, (Error.SyntaxError, Error.ValidationError)):
        yield f"{_sentence(error)} It is at {pointed_at(error.pos, source)}"
    elif isinstance(error, OSError):
        yield f"{error.filename or 'The document'} cannot be read: {(error.strerror or str(error)).lower()}."
    elif isinstance(error, UnicodeDecodeError):
        yield "The document is not text in UTF-8."
    elif isinstance(error, ToilError):
        yield str(error)


def _import_parts(error: Any, source: str | None) -> Iterator[str]:
    cause = error.__cause__
    inner = list(_parts(cause, None))
    if inner and not isinstance(cause, (OSError, ToilError)):
        yield from inner
    else:
        reason = inner[0] if inner else f"{_sentence(error)}"
        yield f"{reason} It is imported at {pointed_at(error.pos, source)}"


def _sentence(error: BaseException) -> str:
    text = str(error).strip().split("\n")[0].rstrip(".")
    token = _TOKEN.match(text)
    if token is not None:
        text = f"There is something that does not belong here: {token[1].strip()}"
    return f"{text}." if text else f"{type(error).__name__}."


def explain_evaluation(what: str, error: BaseException, node: Any = None) -> EvaluationError:
    """Return an error that tells what could not be evaluated, and where that stands.

    :param what: what was evaluated, such as "the output 'x' of the task 'w.t'".
    :param error: what was raised.
    :param node: the part of the syntax tree that was evaluated, for errors that do not tell.
    """
    at = getattr(error, "node", None) or node
    position = getattr(error, "pos", None) or getattr(at, "pos", None)
    place = f"It is at {pointed_at(position, source_of(at) or source_of(node))}" if position is not None else ""
    reason = str(error).strip().rstrip(".") or type(error).__name__
    return EvaluationError(f"{what[:1].upper()}{what[1:]} could not be evaluated: {reason}.", place.splitlines())


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the name that someone probably meant, or empty if none is near."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(names), 1, 0.6)
    return found[0] if found else ""
