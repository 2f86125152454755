"""Work reuse: the outputs of tools kept in a directory, from where later jobs and runs take them.

What a tool gives depends, as far as anyone can tell, on its description, its requirements, the container that it runs
in, and its inputs, of files the names and contents. All of that makes the key under which its outputs are kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from typing import TYPE_CHECKING, Any

from schema_salad.ref_resolver import file_uri

from toil_plugin_cwl.links import short
from toil_plugin_cwl.store import files_in, local_path

if TYPE_CHECKING:
    from cwltool.context import RuntimeContext
    from cwltool.process import Process

_OUTPUTS = "outputs.json"

#: What of a description does not change what a tool does.
_IRRELEVANT = {"doc", "label", "$namespaces", "$schemas", "lc", "location", "path", "dirname", "size"}


class ReusedWork:
    """A directory with the outputs of tools.

    :param directory: its path.
    """

    def __init__(self, directory: str) -> None:
        self.directory = os.path.abspath(directory)

    def key(self, process: Process, inputs: Any, context: RuntimeContext) -> str | None:
        """Return what the outputs of a run are kept under, or None if the tool does not want that.

        :param inputs: the input object, with all files on this machine.
        :param context: how the tool is run.
        """
        wish, _ = process.get_requirement("WorkReuse")
        if wish is not None and not wish.get("enableReuse", True):
            return None
        facts = {
            "tool": process.tool,
            "requirements": process.requirements,
            "hints": process.hints,
            "inputs": inputs,
            "container": [context.use_container, context.default_container],
            "environment": {name: os.environ.get(name) for name in context.preserve_environment or ()},
        }
        text = json.dumps(_essence(facts), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def found(self, key: str) -> dict[str, Any] | None:
        """Return the output object that is kept under a key, with files in this directory, or None."""
        place = os.path.join(self.directory, key)
        try:
            with open(os.path.join(place, _OUTPUTS), encoding="utf-8") as stream:
                outputs: dict[str, Any] = json.load(stream)
        except FileNotFoundError:
            return None
        for one in files_in(outputs):
            if "kept" in one:
                one["location"] = file_uri(os.path.join(place, one.pop("kept")))
        return outputs

    def keep(self, key: str, outputs: Any) -> None:
        """Keep an output object, with copies of its files, unless another job was first."""
        os.makedirs(self.directory, exist_ok=True)
        place = tempfile.mkdtemp(dir=self.directory)
        kept = json.loads(json.dumps(outputs))
        for number, one in enumerate(files_in(kept)):
            path = local_path(one.get("location", ""))
            if not path:
                continue
            one["kept"] = os.path.join(str(number), os.path.basename(path))
            target = os.path.join(place, one["kept"])
            os.mkdir(os.path.dirname(target))
            if os.path.isdir(path):
                shutil.copytree(path, target)
            else:
                shutil.copy2(path, target)
        with open(os.path.join(place, _OUTPUTS), "w", encoding="utf-8") as stream:
            json.dump(kept, stream)
        os.chmod(place, 0o755)
        try:
            os.rename(place, os.path.join(self.directory, key))
        except OSError:
            shutil.rmtree(place)


def _essence(value: Any) -> Any:
    """Return what matters of a value: names without where they are defined, files by name and content."""
    if isinstance(value, list):
        return [_essence(one) for one in value]
    if isinstance(value, str) and value.startswith("file:"):
        return value.rpartition("#")[2]
    if not isinstance(value, dict):
        return value
    found = {str(key): _essence(one) for key, one in value.items() if key not in _IRRELEVANT and one is not None}
    if isinstance(value.get("id"), str):
        found["id"] = short(value["id"])
    path = local_path(value.get("location", "")) if value.get("class") in ("File", "Directory") else ""
    if path:
        found["checksum"] = _checksum(path)
    return found


def _checksum(path: str) -> Any:
    if os.path.isdir(path):
        return {name: _checksum(os.path.join(path, name)) for name in sorted(os.listdir(path))}
    digest = hashlib.sha1(usedforsecurity=False)
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return f"sha1${digest.hexdigest()}"
