"""Files in: bringing the inputs of a workflow into the job store, all at once, however many refer to them.

    absolute_source(source, base="") -> str
    import_files(store, sources, *, link=True) -> dict[source, FileID]      at once, remote ones in parallel
    check_sources(store, sources) -> dict[source, size | None]              without importing
    walk_directory(store, url) -> Iterator[Entry(path, url, is_directory)]  all that is in a directory

A source is a URL of any scheme that is installed, or a path; `InputsUnavailable` tells of all that are missing.
`import_jobs` does the same in jobs of their own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import unquote, urljoin

from toil_core.errors import ToilError
from toil_core.job_stores.errors import InvalidImportExportUrlException, NoSuchUrlException, UrlIsDirectoryException
from toil_core.job_stores.urls import normalize_uri, scheme_of, url_scheme_for
from toil_core.languages.errors import InputsUnavailable
from toil_core.languages.parallel import in_threads, is_far

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.job_stores.file_ids import FileID

_Result = TypeVar("_Result")


class Entry(NamedTuple):
    """Something in a directory.

    :ivar path: its path below the directory, with `/` between the names and nothing quoted.
    :ivar url: its own URL.
    :ivar is_directory: whether it is a directory itself.
    """

    path: str
    url: str
    is_directory: bool


def absolute_source(source: str, base: str = "") -> str:
    """Return the URL of a file that is referred to from somewhere.

    :param source: a URL, a path, or what is relative to the base.
    :param base: the URL or path of the document that refers to it, or of a directory with a `/` at its end; by default
        the current directory.
    """
    if scheme_of(source) or os.path.isabs(source) or not base:
        return normalize_uri(source)
    if scheme_of(base) in ("", "file"):
        directory = base if base.endswith("/") else os.path.dirname(base)
        beginning = normalize_uri(directory) if directory else normalize_uri(".")
        return normalize_uri(os.path.join(unquote(beginning.removeprefix("file://")), source))
    # Schemes that the standard library does not know of are joined like those that it does.
    scheme, _, rest = base.partition(":")
    joined = urljoin(f"http:{rest}", source)
    return f"{scheme}:{joined.partition(':')[2]}"


def import_files(store: AbstractJobStore, sources: Iterable[str], *, link: bool = True) -> dict[str, FileID]:
    """Bring files into the job store: each once, however often it is named, and those from elsewhere in parallel.

    :param sources: their URLs, or paths.
    :param link: whether files of this machine may be linked rather than copied where the job store can; they must then
        stay as they are while the workflow runs. `--linkImports` decides where it is given.
    :raises InputsUnavailable: if some cannot be had; it tells all of them. What was imported stays in the job store.
    :returns: for each source, as it was given, the ID of its file.
    """
    given = list(dict.fromkeys(sources))
    urls = list(dict.fromkeys(map(normalize_uri, given)))

    def fetch(url: str) -> FileID:
        file_id = store.import_file(url, symlink=link)
        assert file_id is not None
        return file_id

    found = dict(zip(urls, _each(urls, fetch, is_far(store)), strict=True))
    return {source: found[normalize_uri(source)] for source in given}


def check_sources(store: AbstractJobStore, sources: Iterable[str]) -> dict[str, int | None]:
    """See that there is a file at each of some URLs, without importing any.

    :param sources: URLs, or paths.
    :raises InputsUnavailable: if some cannot be had; it tells all of them.
    :returns: for each source, as it was given, its size in bytes, or None where that cannot be told.
    """
    given = list(dict.fromkeys(sources))
    schemes = store.config.implementations.get("url_schemes")

    def size(source: str) -> int | None:
        url = normalize_uri(source)
        scheme = url_scheme_for(url, schemes)
        if scheme.is_directory(url):
            raise UrlIsDirectoryException(url)
        found = scheme.size(url)
        if found is None and not scheme.exists(url):
            raise NoSuchUrlException(url)
        return found

    return dict(zip(given, _each(given, size), strict=True))


def walk_directory(store: AbstractJobStore, url: str) -> Iterator[Entry]:
    """Return what is in a directory and in the directories in it, in the order of their names.

    :param url: its URL, or a path.
    :raises NoSuchUrlException: if there is no such directory.
    :raises InvalidImportExportUrlException: if directories of its scheme cannot be listed, or if it holds itself.
    """
    url = normalize_uri(url).rstrip("/")
    scheme = url_scheme_for(url, store.config.implementations.get("url_schemes"))
    to_do: list[tuple[str, str, tuple[str, ...]]] = [("", url, (_real_path(scheme.local_path(url)),))]
    while to_do:
        beginning, directory, above = to_do.pop()
        deeper = []
        for quoted in scheme.list_directory(directory):
            name = quoted.rstrip("/")
            entry = Entry(beginning + unquote(name, errors="surrogateescape"), f"{directory}/{name}", quoted != name)
            yield entry
            if entry.is_directory:
                real = _real_path(scheme.local_path(entry.url))
                if real and real in above:
                    raise InvalidImportExportUrlException(entry.url, "it is a link to a directory that it is in")
                deeper.append((f"{entry.path}/", entry.url, (*above, real)))
        to_do += reversed(deeper)


def _real_path(path: str | None) -> str:
    return "" if path is None else os.path.realpath(path)


def _each(sources: Sequence[str], do: Callable[[str], _Result], everything_is_far: bool = False) -> list[_Result]:
    """Do something with each source; those on this machine one after the other, others in parallel.

    :param everything_is_far: whether those on this machine have a way to go, too.
    :raises InputsUnavailable: if that fails for some.
    """
    far = [source for source in sources if everything_is_far or scheme_of(source) not in ("", "file")]
    results: dict[str, _Result] = {}
    problems: dict[str, ToilError] = {}

    def attempt(source: str) -> None:
        try:
            results[source] = do(source)
        except InvalidImportExportUrlException as error:
            problems[source] = error

    in_threads(attempt, far)
    for source in sources:
        if source not in results and source not in problems:
            attempt(source)
    if problems:
        raise InputsUnavailable([(source, problems[source].message) for source in sources if source in problems])
    return [results[source] for source in sources]
