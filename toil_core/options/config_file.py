"""The configuration file: YAML with one line for each option that it sets, read with the line of every mistake at hand,
and a commented template of it. Toil reads only the file that `--config` or `TOIL_CONFIG` names.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from toil_core.options.catalogue import GROUPS, settings
from toil_core.options.errors import ConfigFileError, InvalidOptionError, UnknownOptionError
from toil_core.options.option import Option

if TYPE_CHECKING:
    from yaml import MappingNode, Node


def load(path: str, options: Mapping[str, Option] | Iterable[Option] = ()) -> dict[str, Any]:
    """Return what a configuration file sets, by option name.

    :param path: the file.
    :param options: every option that the file may set, by name; or the options of plugins, besides the core's.
    :raises ConfigFileError: if the file cannot be read or is not a mapping in YAML.
    :raises UnknownOptionError: if it names something that is no option.
    :raises InvalidOptionError: if a value is not one that its option can take.
    """
    known = dict(options) if isinstance(options, Mapping) else settings(options)
    by_key = {key: option for option in known.values() if not option.per_run for key in (option.name, *option.aliases)}
    root = _parse(path)
    values: dict[str, Any] = {}
    for key_node, value_node in root.value if root is not None else ():
        line = key_node.start_mark.line + 1
        key = str(key_node.value)
        if key in known and known[key].per_run:
            raise ConfigFileError(path, f"{key} is about one run.", line, f"Give --{key} on the command line.")
        if key not in by_key:
            raise UnknownOptionError(key, by_key, f"{path}, line {line}")
        option = by_key[key]
        if option.name in values:
            raise ConfigFileError(path, f"{key} is set twice.", line, "Remove one of the lines.")
        values[option.name] = _value(option, value_node, f"{path}, line {line}, {key}")
    return values


def _parse(path: str) -> MappingNode | None:
    import yaml

    try:
        with open(path, encoding="utf-8") as stream:
            root = yaml.compose(stream, Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigFileError(
            path, f"the configuration file cannot be read: {error.strerror}.", hint="'toil config FILE' writes one."
        ) from None
    except UnicodeDecodeError:
        raise ConfigFileError(path, "the configuration file is not text in UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigFileError(path, f"this is not YAML: {error.problem or error.context}.", line) from None
    except yaml.YAMLError as error:
        raise ConfigFileError(path, f"this is not YAML: {error}.") from None
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode):
        raise ConfigFileError(path, "the file must consist of lines like 'retryCount: 3'.", root.start_mark.line + 1)
    return root


def _value(option: Option, node: Node, source: str) -> Any:
    """Convert a node from the text as written, so that YAML's own idea of `OFF` or `1_000` does not get in between."""
    from yaml import MappingNode, ScalarNode, SequenceNode

    if isinstance(node, ScalarNode):
        is_null = node.tag == "tag:yaml.org,2002:null"
        return option.convert(None if is_null else node.value, source)
    if isinstance(node, SequenceNode) and all(isinstance(item, ScalarNode) for item in node.value):
        items = [item.value for item in node.value]
        return option.convert(items if option.repeatable else ",".join(items), source)
    if isinstance(node, MappingNode) and option.repeatable:
        return option.convert({key.value: value.value for key, value in node.value}, source)
    raise InvalidOptionError(source, node, "the value is more deeply nested than this option allows.")


def write_template(path: str, extra: Iterable[Option] = ()) -> None:
    """Write a configuration file in which every option is explained and stands, commented out, at its default.

    :param path: the file, which must not exist yet.
    :param extra: options of plugins.
    :raises ConfigFileError: if it exists, or cannot be written.
    """
    text = template(extra)
    try:
        with open(path, "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise ConfigFileError(
            path, "the file exists and is left as it is.", hint="Name another one, or remove it first."
        ) from None
    except OSError as error:
        raise ConfigFileError(path, f"the file cannot be written: {error.strerror}.") from None


def template(extra: Iterable[Option] = ()) -> str:
    """Return the text of a configuration file in which every option stands, commented out, at its default.

    :param extra: options of plugins.
    """
    lines = [
        "# Configuration of Toil. Remove the # before a setting to change it here. The environment and the command",
        "# line have the last word. Use it with --config FILE, or set TOIL_CONFIG to its path.",
    ]
    groups: dict[str, list[Option]] = {title: [] for title in GROUPS}
    for option in settings(extra).values():
        if not option.per_run:
            groups.setdefault(option.group, []).append(option)
    for title, options in groups.items():
        lines += ["", "", f"# ---- {title} ----"]
        for option in options:
            lines += ["", *_explained(option)]
    return "\n".join(lines) + "\n"


def _explained(option: Option) -> list[str]:
    setting = _default_as_yaml(option)
    words = option.help
    if option.choices:
        words += f" One of {', '.join(option.choices)}."
    if option.default_text and option.default_text != setting:
        words += f" Default: {option.default_text}."
    return [f"# {line}" for line in textwrap.wrap(words, 110)] + [f"#{option.name}: {setting}"]


def _default_as_yaml(option: Option) -> str:
    """Write a default the way people do; where its number says nothing to them, leave it to null, which means it."""
    import json

    if not option.default_text or isinstance(option.default, (str, list)):
        return option.default if isinstance(option.default, str) else json.dumps(option.default)
    try:
        return option.default_text if option.convert(option.default_text) == option.default else "null"
    except InvalidOptionError:
        return "null"
