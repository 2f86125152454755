"""Input objects that are typed as options after the document: `--message hello` for the input `message`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from cwltool.argparser import generate_parser
from schema_salad.ref_resolver import Loader, file_uri

from toil_plugin_cwl.links import short

if TYPE_CHECKING:
    from cwltool.process import Process


def typed_inputs(arguments: Sequence[str], process: Process, loader: Loader) -> dict[str, Any]:
    """Return the input object that options stand for; `--help` among them tells which there are, and stops.

    :param loader: makes URLs of paths.
    """
    names: dict[str, str] = {}
    records: list[str] = []
    parser = generate_parser(
        argparse.ArgumentParser(prog=short(process.tool["id"])),
        process,
        names,
        records,
        urljoin=loader.fetcher.urljoin,
        base_uri=file_uri(os.getcwd()) + "/",
    )
    found = vars(parser.parse_args(list(arguments)))
    given = found.pop("job_order", None)
    for record in records:
        fields = {key: found.pop(key) for key in list(found) if key.startswith(f"{record}.")}
        found[record] = {key[len(record) + 1 :]: value for key, value in fields.items()}
    values: dict[str, Any] = {}
    if given:
        values.update(cast("dict[str, Any]", loader.resolve_ref(given, checklinks=False)[0]))
    values.update({names.get(key, key): value for key, value in found.items() if value is not None})
    return values
