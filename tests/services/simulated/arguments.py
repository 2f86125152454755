"""Command lines as getopt_long reads them, for front ends that refuse what the real commands refuse."""

from __future__ import annotations


class BadOption(Exception):
    """An option that is not there, or lacks its argument; worded as the C library words it."""


class Grammar:
    """The options of one command.

    :param options: in one line, each as `long`, `long=` (takes an argument) or `long?` (may take one), with `s|` before
        it where there is a short name.
    """

    def __init__(self, options: str) -> None:
        self.names: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        for option in options.split():
            kind = option[-1] if option[-1] in "=?" else ""
            short, bar, long = option.rstrip("=?").rpartition("|")
            name = long or short
            self.kinds[name] = kind
            self.names[name] = name
            if bar and short:
                self.names[short] = name

    def parse(self, arguments: list[str], mixed: bool = True) -> tuple[list[tuple[str, str]], list[str]]:
        """Split arguments into options, by their long names, and the rest.

        :param mixed: options may follow other arguments.
        :raises BadOption: there is no such option, or its argument is missing.
        """
        found: list[tuple[str, str]] = []
        rest: list[str] = []
        words = list(arguments)
        while words:
            word = words.pop(0)
            if word == "--":
                return found, rest + words
            if word.startswith("--"):
                found.append(self._long(word[2:], words))
            elif word.startswith("-") and len(word) > 1:
                found += self._short(word[1:], words)
            else:
                rest.append(word)
                if not mixed:
                    return found, rest + words
        return found, rest

    def _long(self, word: str, words: list[str]) -> tuple[str, str]:
        name, equals, value = word.partition("=")
        full = [each for each in self.kinds if len(each) > 1 and each.startswith(name)]
        if name in self.kinds and len(name) > 1:
            full = [name]
        if not full:
            raise BadOption(f"unrecognized option '--{name}'")
        if len(full) > 1:
            raise BadOption(f"option '--{name}' is ambiguous; possibilities:" + "".join(f" '--{one}'" for one in full))
        kind = self.kinds[full[0]]
        if kind == "" and equals:
            raise BadOption(f"option '--{full[0]}' doesn't allow an argument")
        if kind == "=" and not equals:
            if not words:
                raise BadOption(f"option '--{full[0]}' requires an argument")
            value = words.pop(0)
        return full[0], value

    def _short(self, letters: str, words: list[str]) -> list[tuple[str, str]]:
        found = []
        while letters:
            letter, letters = letters[0], letters[1:]
            name = self.names.get(letter)
            if name is None:
                raise BadOption(f"invalid option -- '{letter}'")
            if self.kinds[name] == "":
                found.append((name, ""))
                continue
            if self.kinds[name] == "=" and not letters:
                if not words:
                    raise BadOption(f"option requires an argument -- '{letter}'")
                letters = words.pop(0)
            found.append((name, letters))
            letters = ""
        return found
