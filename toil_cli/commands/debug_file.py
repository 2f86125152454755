"""`toil debug-file JOBSTORE`: the files in a job store, listed or copied out of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

import click

from toil_cli.arguments import JOB_STORE
from toil_cli.output import printable, write_text
from toil_core.errors import UserError

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

LISTING = "jobstore_files.txt"


class StoredFile(NamedTuple):
    """A file in a job store: its ID, the name that it was written under, and its size in bytes."""

    file_id: str
    name: str
    size: int


class DebugFileCommand(click.Command):
    """A command with an option, `--fetch`, that takes any number of values up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse a command line in which `--fetch a b` stands for `--fetch a --fetch b`."""
        return super().parse_args(ctx, list(_spread(args)))


def _spread(args: Iterable[str]) -> Iterator[str]:
    following = None
    for arg in args:
        if arg.startswith("-"):
            following = "first" if arg == "--fetch" else None
            yield arg
        elif following == "more":
            yield from ("--fetch", arg)
        else:
            following = "more" if following else None
            yield arg


@click.command(cls=DebugFileCommand)
@click.argument("jobstore", type=JOB_STORE)
@click.option("--listFilesInJobStore", "listing", is_flag=True, help=f"Write what files there are to {LISTING}.")
@click.option("--fetch", "patterns", multiple=True, metavar="PATTERN...", help="Copy the files of these names.")
@click.option(
    "--localFilePath", "directory", default=".", metavar="DIRECTORY", help="Where to copy them to; default: ."
)
@click.option(
    "--useSymlinks", "symlink", is_flag=True, help="Link to files where that can be done, instead of copying."
)
def debug_file(jobstore: str, listing: bool, patterns: tuple[str, ...], directory: str, symlink: bool) -> None:
    """List the files in JOBSTORE, or copy some of them out of it.

    A PATTERN is a file's ID, or the name that it was written under, with * and ? and [abc] as in a shell; quote it, so
    that the shell leaves it alone.

    \b
    toil debug-file file:store --listFilesInJobStore
    toil debug-file file:store --fetch overview.txt '*.bam' --localFilePath found
    """
    from toil_cli.stores import open_job_store

    if not listing and not patterns:
        raise UserError("There is nothing to do.", "Say --listFilesInJobStore, or --fetch and the names of files.")
    job_store = open_job_store(jobstore)
    files = sorted(stored_files(job_store), key=lambda file: (file.name, file.file_id))
    if listing:
        _write_listing(files)
    if patterns:
        _fetch(job_store, files, patterns, directory, symlink=symlink)


def stored_files(job_store: AbstractJobStore) -> Iterator[StoredFile]:
    """Yield the files that jobs and imports have put into a job store."""
    from toil_core.job_stores.files_api import FILES, name_of

    for key, stat in job_store.storage.list(FILES):
        yield StoredFile(key, name_of(key) or os.path.basename(key), stat.size)


def _write_listing(files: list[StoredFile]) -> None:
    rows = ("\t".join((printable(file.name), str(file.size), file.file_id)) for file in files)
    write_text("".join(f"{row}\n" for row in rows), LISTING)
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    click.echo(f"Listed {count} in {LISTING}: name, size in bytes, ID.")


def _fetch(
    job_store: AbstractJobStore, files: list[StoredFile], patterns: tuple[str, ...], directory: str, *, symlink: bool
) -> None:
    wanted = {pattern: [file for file in files if _matches(file, pattern)] for pattern in patterns}
    missing = [pattern for pattern, found in wanted.items() if not found]
    if missing:
        raise UserError(
            f"No file in '{job_store.locator}' is named {' or '.join(missing)}.",
            "--listFilesInJobStore shows what there is; put patterns in quotes.",
        )
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise UserError(f"'{directory}' cannot be made: {error.strerror}.", "Name another directory.") from error
    for file in dict.fromkeys(file for found in wanted.values() for file in found):
        path = _free_path(directory, file.name)
        try:
            job_store.read_file(file.file_id, path, symlink=symlink)
        except OSError as error:
            raise UserError(f"'{printable(path)}' cannot be written: {error.strerror or error}.") from error
        click.echo(printable(path))


def _matches(file: StoredFile, pattern: str) -> bool:
    return file.file_id == pattern or fnmatchcase(file.name, pattern) or fnmatchcase(file.file_id, pattern)


def _free_path(directory: str, name: str) -> str:
    """Return a path in a directory that nothing is at: files of one name are told apart by a number.

    :param name: what the file was called; a name that leads elsewhere leads into the directory too.
    """
    name = name.rpartition("/")[2].replace("\0", "")
    name = name if name not in ("", ".", "..") else "file"
    stem, suffix = os.path.splitext(name)
    path, count = os.path.join(directory, name), 1
    while os.path.lexists(path):
        count += 1
        path = os.path.join(directory, f"{stem}-{count}{suffix}")
    return path
