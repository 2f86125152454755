"""Input objects: reading them, completing them with what the process says, and checking them against it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from cwltool import CWL_CONTENT_TYPES
from cwltool.errors import UnsupportedRequirement, WorkflowException
from cwltool.load_tool import jobloader_id_name, jobloaderctx, resolve_overrides
from cwltool.process import add_sizes
from cwltool.utils import adjustDirObjs, normalizeFilesDirs, path_to_loc, trim_listing
from ruamel.yaml.error import YAMLError
from schema_salad.exceptions import SchemaSaladException, ValidationException
from schema_salad.ref_resolver import Loader, file_uri

from toil_plugin_cwl.contexts import runtime_context
from toil_plugin_cwl.documents import REQUIREMENTS, add_requirements
from toil_plugin_cwl.errors import InvalidInputError, UnsupportedError, told
from toil_plugin_cwl.links import short
from toil_plugin_cwl.store import files_in

if TYPE_CHECKING:
    from cwltool.process import Process
    from cwltool.stdfsaccess import StdFsAccess

    from toil_plugin_cwl.documents import Documents

_OVERRIDES = "http://commonwl.org/cwltool#overrides"


class InputObject:
    """The input object of a run.

    :param arguments: what followed the document on the command line: the file of an input object, `-` to read one
        from standard input, or values for inputs as options.
    :param options: the options of the run.
    :raises InvalidInputError: if it cannot be read.
    """

    def __init__(self, arguments: Sequence[str], options: Any) -> None:
        self._arguments = list(arguments)
        self._options = options
        self._loader = Loader(jobloaderctx.copy())
        self.values: Any = {}
        self.source = "on the command line"
        self.base = options.basedir or os.getcwd()
        if len(arguments) == 1 and (arguments[0] == "-" or not arguments[0].startswith("-")):
            self._read(arguments[0])

    @property
    def is_typed(self) -> bool:
        """Whether its values are options on the command line."""
        return not self.values and bool(self._arguments) and self._arguments[0].startswith("--")

    def _read(self, path: str) -> None:
        self.source = "on standard input" if path == "-" else f"'{path}'"
        try:
            if path == "-":
                found: Any = self._from_standard_input()
            else:
                self.base = self._options.basedir or os.path.dirname(os.path.abspath(path))
                found, _ = self._loader.resolve_ref(path, checklinks=False, content_types=CWL_CONTENT_TYPES)
        except (SchemaSaladException, YAMLError, OSError, RuntimeError, ValueError, StopIteration) as error:
            raise InvalidInputError(self.source, str(error) or "it is empty.") from error
        if not isinstance(found, dict):
            kind = "empty" if found is None else f"a {type(found).__name__}"
            raise InvalidInputError(self.source, f"it has to map names of inputs to values, but it is {kind}.")
        self.values = found

    def _from_standard_input(self) -> Any:
        import sys

        from schema_salad.utils import yaml_no_ts

        found, _ = self._loader.resolve_all(yaml_no_ts().load(sys.stdin), file_uri(os.getcwd()) + "/")
        return found

    def hand_overrides_to(self, documents: Documents) -> None:
        """Let the documents be loaded with the overrides that the input object has."""
        if _OVERRIDES in self.values:
            where = file_uri(os.path.abspath(self._arguments[0]))
            documents.override(resolve_overrides(self.values, where, documents.file_uri))
            del self.values[_OVERRIDES]

    def for_process(self, process: Process) -> dict[str, Any]:
        """Return the input object as the process is to get it, with files still where the user has them.

        :raises InvalidInputError: if something in it does not fit.
        """
        if self.is_typed:
            from toil_plugin_cwl.typed_inputs import typed_inputs

            self.values = typed_inputs(self._arguments, process, self._loader)
        try:
            self._complete(process)
        except (ValidationException, WorkflowException) as error:
            raise InvalidInputError(self.source, told(error)) from error
        return cast("dict[str, Any]", self.values)

    def _complete(self, process: Process) -> None:
        values = self.values
        if REQUIREMENTS in values:
            add_requirements(process, values.pop(REQUIREMENTS))
        for name in ("cwl:tool", jobloader_id_name):
            values.pop(name, None)
        for parameter in process.tool["inputs"]:
            if "default" in parameter:
                values.setdefault(short(parameter["id"]), parameter["default"])
        namespaces: dict[str, Any] = dict(values.pop("$namespaces", {}))
        namespaces.update(cast("dict[str, Any]", process.metadata.get("$namespaces", {})))
        expand = Loader(namespaces).expand_url
        for one in files_in(values):
            path_to_loc(one)  # type: ignore[arg-type]
            if "format" in one:
                one["format"] = expand(one["format"], "")
        adjustDirObjs(values, trim_listing)
        normalizeFilesDirs(values)


def check(
    process: Process, inputs: dict[str, Any], source: str, options: Any, access: Callable[[str], StdFsAccess]
) -> tuple[dict[str, Any], Any]:
    """Check an input object against the process, and find secondary files.

    :param source: where the input object comes from.
    :param access: makes what looks at files.
    :raises InvalidInputError: if something is missing, superfluous or of a wrong type.
    :returns: the input object as the process will get it, and cwltool's builder for it.
    """
    context = runtime_context(options)
    context.basedir = os.getcwd()
    context.toplevel = True
    context.make_fs_access = access  # type: ignore[assignment]
    # Nothing runs here, so no directories are made.
    context.outdir, context.tmpdir, context.stagedir = "/out", "/tmp", "/stage"
    for one in files_in(inputs):
        if one["class"] == "File":
            add_sizes(access(context.basedir), one)
    try:
        builder = process._init_job(inputs, context)
    except UnsupportedRequirement as error:
        raise UnsupportedError(told(error)) from error
    except (ValidationException, WorkflowException) as error:
        raise InvalidInputError(source, told(error).removeprefix("Invalid job input record:\n")) from error
    return cast("dict[str, Any]", builder.job), builder
