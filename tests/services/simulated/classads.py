"""ClassAd expressions, as far as users of HTCondor write them into constraints and policies.

A value is what Python has for it; `None` is `undefined`.
"""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

TOKENS = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<name>[A-Za-z_][\w.]*)
      | (?P<operator>=\?=|=!=|==|!=|<=|>=|&&|\|\||[-+*/%<>!()?:,{}])
    )""",
    re.VERBOSE,
)
LEVELS: list[dict[str, Callable[[Any, Any], Any]]] = [
    {"=?=": lambda a, b: _same(a, b), "=!=": lambda a, b: not _same(a, b),
     "==": lambda a, b: _fold(a) == _fold(b), "!=": lambda a, b: _fold(a) != _fold(b)},
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv, "%": operator.mod},
]  # fmt: skip


class BadExpression(Exception):
    """What is no expression."""


def _fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b


def evaluate(text: str, ad: Mapping[str, Any]) -> Any:
    """The value of an expression for an ad.

    :param ad: attributes by their names in lower case.
    :raises BadExpression: the text is none, or uses what is not simulated.
    """
    tokens: list[tuple[str, str]] = []
    position, text = 0, text.strip()
    while position < len(text):
        match = TOKENS.match(text, position)
        if not match:
            raise BadExpression(text)
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind]))
        position = match.end()
    reader = _Reader(tokens, ad)
    value = reader.either()
    if reader.tokens:
        raise BadExpression(text)
    return value


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], ad: Mapping[str, Any]) -> None:
        self.tokens = tokens
        self.ad = ad

    def take(self, *wanted: str) -> str | None:
        if self.tokens and self.tokens[0][0] == "operator" and self.tokens[0][1] in wanted:
            return self.tokens.pop(0)[1]
        return None

    def either(self) -> Any:
        value = self.both()
        while self.take("||"):
            other = self.both()
            value = True if value is True or other is True else None if None in (value, other) else bool(value or other)
        if self.take("?"):
            yes = self.either()
            if not self.take(":"):
                raise BadExpression("?")
            no = self.either()
            return yes if value else no
        return value

    def both(self) -> Any:
        value = self.level(0)
        while self.take("&&"):
            other = self.level(0)
            if value is False or other is False:
                value = False
            else:
                value = None if None in (value, other) else bool(value and other)
        return value

    def level(self, depth: int) -> Any:
        if depth == len(LEVELS):
            return self.one()
        value = self.level(depth + 1)
        while word := self.take(*LEVELS[depth]):
            other = self.level(depth + 1)
            if None in (value, other) and word not in ("=?=", "=!="):
                value = None
            else:
                value = LEVELS[depth][word](value, other)
        return value

    def one(self) -> Any:
        if self.take("!"):
            value = self.one()
            return None if value is None else not value
        if self.take("-"):
            value = self.one()
            return None if value is None else -value
        if self.take("("):
            value = self.either()
            if not self.take(")"):
                raise BadExpression("(")
            return value
        if self.take("{"):
            return self.listed("}")
        if not self.tokens or self.tokens[0][0] == "operator":
            raise BadExpression(str(self.tokens))
        kind, text = self.tokens.pop(0)
        if kind == "number":
            return float(text) if re.search(r"[.eE]", text) else int(text)
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        return self.named(text)

    def named(self, text: str) -> Any:
        name = text.lower()
        if self.take("("):
            return _call(name, self.listed(")"))
        constants = {"true": True, "false": False, "undefined": None, "error": None}
        if name in constants:
            return constants[name]
        return self.ad.get(re.sub(r"^(my|target)\.", "", name))

    def listed(self, end: str) -> list[Any]:
        values: list[Any] = []
        while not self.take(end):
            values.append(self.either())
            if not self.take(",") and not (self.tokens and self.tokens[0][1] == end):
                raise BadExpression(end)
        return values


def _call(name: str, values: list[Any]) -> Any:
    if name == "time":
        return int(time.time())
    if name == "isundefined":
        return values[0] is None
    if name == "member":
        return values[0] in values[1]
    if name == "stringlistmember":
        return values[0] in re.split(r"[\s,]+", values[1])
    if name == "ifthenelse":
        return values[1] if values[0] else values[2]
    if name == "regexp":
        return re.search(values[0], values[1] or "") is not None
    if name in ("int", "real", "string"):
        return {"int": int, "real": float, "string": str}[name](values[0])
    raise BadExpression(f"{name}() is not simulated")


def shown(value: Any, quoted: bool = True) -> str:
    """A value as ClassAds are printed."""
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and quoted:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
