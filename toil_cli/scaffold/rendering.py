"""Writing a new distribution for a kind of plugin, under a name.

A kind's templates lie in `templates/KIND`, those that all share in `templates/common`, laid out as the distribution
will be. In names of files, `NAME` and `PACKAGE` stand for the plugin's; files that end in `.jinja` are rendered, others
copied.
"""

from __future__ import annotations

import keyword
import re
import zlib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from toil_core.entry_points import all_entries
from toil_core.errors import UserError
from toil_core.known_plugins import plain
from toil_core.plugin_records import WORDS

_TEMPLATES = Path(__file__).with_name("templates")
_SUFFIX = ".jinja"


class _Kind(NamedTuple):
    """What is special about a kind of plugin.

    :ivar kind: what its entry-point group ends in.
    :ivar summary: what an example of it is, for its documentation.
    :ivar dependencies: distributions that an example needs besides Toil.
    :ivar readme: how to try it out, for the README.
    """

    kind: str
    summary: str
    dependencies: tuple[str, ...] = ()
    readme: str = ""


#: The kinds of plugin, as they are typed.
KINDS: dict[str, _Kind] = {
    "batch-system": _Kind(
        "batch_systems",
        "Jobs on a cluster that {title} schedules, for Toil.",
        readme="""
The tests bring a small scheduler, `tests/cluster.py`, whose commands are in `tests/bin`. To run a workflow on it:

```console
$ export PATH=$PWD/tests/bin:$PATH CLUSTER_HOME=/tmp/cluster
$ toil run workflow.py --batchSystem {name}
```
""",
    ),
    "job-store": _Kind(
        "job_stores",
        "A job store in one SQLite database, for Toil.",
        readme="""
```console
$ toil run workflow.py {name}:path/of/a/file
```
""",
    ),
    "provisioner": _Kind("provisioners", "Machines that are processes on this one, for Toil."),
    "language": _Kind(
        "workflow_languages",
        "A workflow language whose steps are shell commands, for Toil.",
        readme="""
```console
$ toil run document.{name} NAME=VALUE
```
""",
    ),
    "url-scheme": _Kind("url_schemes", "Files at URLs that begin with {name}://, for Toil."),
    "observer": _Kind(
        "observers",
        "A summary of each run, for Toil.",
        readme="""
```console
$ toil run workflow.py --{camel}Summary summary.json
```
""",
    ),
    "command": _Kind("commands", "The command 'toil {name}'.", dependencies=("click >= 8.1.3",)),
}


@dataclass(frozen=True)
class NewPlugin:
    """A distribution to be written.

    :param kind: what the plugin is, one of `KINDS`.
    :param name: what users will type to choose it.
    """

    kind: str
    name: str

    @property
    def distribution(self) -> str:
        """What pip calls it."""
        return f"toil-plugin-{self.name.replace('_', '-')}"

    @property
    def package(self) -> str:
        """What Python calls it."""
        return self.distribution.replace("-", "_")

    def variables(self) -> dict[str, object]:
        """Return what templates may refer to."""
        about = KINDS[self.kind]
        words = re.split(r"[-_]", self.name)
        prefix = "".join(word.capitalize() for word in words)
        names = {
            "name": self.name,
            "title": " ".join(word.capitalize() for word in words),
            "camel": prefix[0].lower() + prefix[1:],
        }
        word = WORDS[about.kind]
        return {
            **names,
            "distribution": self.distribution,
            "package": self.package,
            "prefix": prefix,
            "identifier": "_".join(words),
            "upper": "_".join(words).upper(),
            "mark": zlib.crc32(self.name.encode()) >> 1,
            "kind": about.kind,
            "word": word,
            "article": "an" if word[0] in "aeio" else "a",
            "summary": about.summary.format(**names),
            "dependencies": ("toil >= 10.0.0.dev0", *about.dependencies),
            "readme": about.readme.format(**names),
        }


def new_plugin(kind: str, name: str) -> NewPlugin:
    """Return the distribution that people ask for.

    :param kind: what they typed for the kind.
    :param name: what they typed for the name.
    :raises UserError: if there is no such kind, or the name cannot be used or is taken.
    """
    by_plain_name = {plain(known): known for known in KINDS}
    if plain(kind) not in by_plain_name:
        near = get_close_matches(kind, KINDS, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(KINDS)}."
        raise UserError(f"There is no kind of plugin '{kind}'.", hint)
    found = NewPlugin(by_plain_name[plain(kind)], name)
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name) or keyword.iskeyword(name):
        raise UserError(
            f"'{name}' cannot be the name of a plugin.",
            "Use lower-case letters and digits, starting with a letter, with '-' or '_' between words.",
        )
    about = KINDS[found.kind]
    for entry in all_entries():
        if entry.kind == about.kind and plain(entry.name) == plain(name):
            raise UserError(
                f"There is a {WORDS[about.kind]} '{entry.name}' already, of {entry.distribution}.",
                "Choose another name.",
            )
    return found


def write(plugin: NewPlugin, directory: Path) -> Path:
    """Write the distribution into a new directory.

    :param directory: where to make that directory.
    :raises UserError: if there is something of that name already.
    :returns: the new directory.
    """
    target = directory / plugin.distribution
    if target.exists():
        raise UserError(f"'{target}' is there already, and nothing was changed.", "Remove it, or choose another name.")
    if not directory.is_dir():
        raise UserError(f"There is no directory '{directory}'.", "Make it first.")
    for root in ("common", KINDS[plugin.kind].kind):
        _write_tree(_TEMPLATES / root, target, plugin)
    return target


def _write_tree(source: Path, target: Path, plugin: NewPlugin) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for item in source.iterdir():
        if item.name == "__pycache__":
            continue
        path = target / _named(item.name, plugin)
        if item.is_dir():
            _write_tree(item, path, plugin)
        elif item.name.endswith(_SUFFIX):
            path.with_name(path.name.removesuffix(_SUFFIX)).write_text(
                _rendered(item.read_text(encoding="utf-8"), plugin), encoding="utf-8"
            )
        else:
            content = item.read_bytes()
            path.write_bytes(content)
            if content.startswith(b"#!"):
                path.chmod(0o755)


def _named(name: str, plugin: NewPlugin) -> str:
    own = plugin.name if not name.endswith(f".py{_SUFFIX}") else plugin.name.replace("-", "_")
    return name.replace("NAME", own).replace("PACKAGE", plugin.package)


def _rendered(template: str, plugin: NewPlugin) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    return environment.from_string(template).render(plugin.variables())
