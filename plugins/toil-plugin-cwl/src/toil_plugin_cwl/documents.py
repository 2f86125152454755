"""Loading documents: resolving, validating and checking all of a workflow before anything of it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from cwltool import load_tool
from cwltool.errors import GraphTargetMissingException, UnsupportedRequirement, WorkflowException
from cwltool.process import use_custom_schema, use_standard_schema
from cwltool.update import ORIGINAL_CWLVERSION
from schema_salad.exceptions import SchemaSaladException, ValidationException
from schema_salad.ref_resolver import file_uri
from schema_salad.sourceline import SourceLine

from toil_plugin_cwl.contexts import loading_context
from toil_plugin_cwl.errors import InvalidDocumentError, UnsupportedError, told
from toil_plugin_cwl.links import short
from toil_plugin_cwl.processes import all_processes

if TYPE_CHECKING:
    from cwltool.context import LoadingContext
    from cwltool.process import Process

REQUIREMENTS = "https://w3id.org/cwl/cwl#requirements"
_EXTENSIONS = {
    "v1.0": "extensions.yml",
    "v1.1": "extensions-v1.1.yml",
    "v1.2": "extensions-v1.2.yml",
    "v1.3.0-dev1": "extensions-v1.3.yml",
}


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn what cwltool raises about a document into an error for the user.

    :param path: the document, as the user named it.
    """
    try:
        yield
    except UnsupportedRequirement as error:
        raise UnsupportedError(told(error)) from error
    except (SchemaSaladException, WorkflowException, GraphTargetMissingException) as error:
        raise InvalidDocumentError(path, told(error)) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidDocumentError(path, str(error)) from error


class Documents:
    """The documents of one run.

    :param path: the outermost one, as the user named it; `#name` after it chooses one of its processes.
    :param options: the options of the run.
    """

    def __init__(self, path: str, options: Any) -> None:
        self.path = path
        self.context: LoadingContext = loading_context(options)
        self._options = options
        self._set_up_schemas()
        with explained(path):
            self.uri, self.file_uri = load_tool.resolve_tool_uri(path, resolver=self.context.resolver)

    def _set_up_schemas(self) -> None:
        """Have cwltool know its extensions if they were asked for."""
        if not self._options.enableExt:
            for version in _EXTENSIONS:
                use_standard_schema(version)
            return
        from importlib.resources import files

        for version, name in _EXTENSIONS.items():
            text = files("cwltool").joinpath(name).read_text("utf-8")
            use_custom_schema(version, "http://commonwl.org/cwltool", text)

    def override(self, overrides: list[Any]) -> None:
        """Have requirements replace those of the documents, as an input object asks for it."""
        self.context.overrides_list.extend(overrides)

    def load(self) -> Process:
        """Load and check everything.

        :raises InvalidDocumentError: if something is no valid CWL.
        :raises UnsupportedError: if something needs what cannot be had.
        :returns: the outermost process.
        """
        if self._options.overrides:
            with explained(self._options.overrides):
                where = file_uri(os.path.abspath(self._options.overrides))
                self.override(load_tool.load_overrides(where, self.file_uri))
        with explained(self.path):
            self.context, document, uri = load_tool.fetch_document(self.uri, self.context)
            self.context, self.uri = load_tool.resolve_and_validate_document(self.context, document, uri)
            process = load_tool.make_tool(self.uri, self.context)
            _apply_defaults(process)
            _check(process)
        return process


def add_requirements(process: Process, requirements: list[Any]) -> None:
    """Add requirements that an input object states to the outermost process.

    :raises ValidationException: if the document's version of CWL does not have that.
    """
    if process.metadata.get(ORIGINAL_CWLVERSION) == "v1.0":
        raise ValidationException("Input objects may state requirements only for documents of CWL v1.1 or later.")
    process.requirements.extend(requirements)


def _apply_defaults(process: Process) -> None:
    defaults = cast("dict[str, Any]", process.metadata.get("cwl:defaults", {}))
    if REQUIREMENTS in defaults:
        add_requirements(process, defaults[REQUIREMENTS])


def _check(process: Process) -> None:
    """Find out beforehand what would fail at some step.

    :raises WorkflowException: if something would.
    """
    for _, inner, step in all_processes(process):
        tool = inner.tool
        if tool["class"] == "Operation":
            raise SourceLine(tool, "class", WorkflowException).makeError("An Operation is abstract and cannot be run.")
        if tool["class"] == "ProcessGenerator":
            raise SourceLine(tool, "class", UnsupportedRequirement).makeError("ProcessGenerator")
        if tool["class"] == "Workflow":
            _check_links(inner, tool["outputs"], "outputSource")
            for one in inner.steps:  # type: ignore[attr-defined]
                _check_links(inner, one.tool["inputs"], "source")
        if step is not None and step.tool.get("loop"):
            raise SourceLine(step.tool, "loop", UnsupportedRequirement).makeError("loops")


def updates_in_place(process: Process) -> bool:
    """Return whether a process, or one inside of it, is to change files where they are."""
    found = (one.get_requirement("InplaceUpdateRequirement")[0] for _, one, _ in all_processes(process))
    return any(one is not None and one["inplaceUpdate"] for one in found)


def _check_links(workflow: Process, parameters: list[Any], field: str) -> None:
    for parameter in parameters:
        sources = parameter.get(field, [])
        several = not isinstance(sources, str) and len(sources) > 1
        name = short(parameter["id"])
        if several and not workflow.get_requirement("MultipleInputFeatureRequirement")[0]:
            raise SourceLine(parameter, field, WorkflowException).makeError(
                f"'{name}' has several sources, but MultipleInputFeatureRequirement is not among the requirements."
            )
        if "valueFrom" in parameter and not workflow.get_requirement("StepInputExpressionRequirement")[0]:
            raise SourceLine(parameter, "valueFrom", WorkflowException).makeError(
                f"'{name}' has valueFrom, but StepInputExpressionRequirement is not among the requirements."
            )


def check_supported(process: Process, path: str, options: Any) -> None:
    """See that what tools require can be had with the options that were given.

    :param path: the document, as the user named it.
    :raises UnsupportedError: if something cannot.
    """
    with explained(path):
        for _, inner, _ in all_processes(process):
            if inner.tool["class"] == "CommandLineTool":
                _check_tool(inner, options)


def _check_tool(tool: Process, options: Any) -> None:
    _, docker_required = tool.get_requirement("DockerRequirement")
    if docker_required and options.cwlContainer == "none":
        raise SourceLine(tool.tool, "requirements", UnsupportedRequirement).makeError(
            "the tool requires a container, but --no-container was given."
        )
    shares_files = options.bypassFileStore or options.batchSystem == "single_machine"
    if not shares_files and updates_in_place(tool):
        raise SourceLine(tool.tool, "requirements", UnsupportedRequirement).makeError(
            "InplaceUpdateRequirement needs --bypass-file-store."
        )
