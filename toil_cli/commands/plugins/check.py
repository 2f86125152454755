"""`toil plugins check`: runs the contract of a plugin's kind on what is installed, and shows what came of each clause.

The clauses are tests of `toil_core.testing`, run by pytest in a process of its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import click

from toil_cli.commands.plugins.finding import records_named
from toil_core.errors import UserError
from toil_core.plugin_records import WORDS, PluginRecord

#: The exit status of pytest when no test was chosen.
_NOTHING_FOUND = 5
_RESULTS = "TOIL_CHECK_RESULTS"
_TEST = """
from toil_core.testing.installed import contracts
globals().update(contracts({kind!r}, {name!r}, {at!r}))
"""
_COLOURS = {"passed": "green", "failed": "red", "skipped": "yellow"}


class _Clause(NamedTuple):
    """What came of a clause: `passed`, `failed` or `skipped`, and why."""

    name: str
    outcome: str
    why: str


@click.command()
@click.argument("name")
@click.option("--at", default="", metavar="PLACE", help="Where to try: a job store's locator, or the URL of a place.")
@click.option("-k", "only", default="", metavar="WORDS", help="Run only clauses with these words in their names.")
@click.option("--verbose", is_flag=True, help="Show all that pytest says.")
def check(name: str, at: str, only: str, verbose: bool) -> int:
    """Run the contract on the installed plugin NAME, and show which clauses it keeps.

    A batch system runs real jobs; it is made as in a run, from the environment. A job store, or a URL scheme, is tried
    in a place of its own: '--at' says where, when that is not on this machine.

    \b
    toil plugins check slurm
    toil plugins check aws --at aws:us-west-2:check
    """
    if importlib.util.find_spec("pytest") is None:
        raise UserError("The contract is run by pytest, which is not installed.", "Install it with: pip install pytest")
    records = records_named(name)
    for record in records:
        if record.error:
            raise UserError(
                f"The {WORDS[record.entry.kind]} '{record.entry.name}' {record.error}",
                f"Where it comes from is told by: toil plugins info {record.entry.name}",
            )
    failed = [record for record in records if not _keeps_contract(record, at, only, verbose)]
    return 1 if failed else 0


def _keeps_contract(record: PluginRecord, at: str, only: str, verbose: bool) -> bool:
    entry = record.entry
    click.echo(f"{WORDS[entry.kind]} '{entry.name}' of {entry.distribution} {entry.version}".rstrip())
    with tempfile.TemporaryDirectory(prefix="toil-check-") as directory:
        status, output = _run(Path(directory), _TEST.format(kind=entry.kind, name=entry.name, at=at), only, verbose)
        clauses = _clauses(Path(directory) / "results")
    if not clauses and only and status == _NOTHING_FOUND:
        click.echo(f"  No clause has these words in its name: {only}")
        return True
    if not clauses:
        raise UserError("No clause was run.", _last_error(output) or f"pytest ended with status {status}.")
    for clause in clauses:
        click.echo(f"  {click.style(f'{clause.outcome:<8}', fg=_COLOURS[clause.outcome])}{clause.name}")
        for line in clause.why.splitlines():
            click.echo(f"            {line}")
    counts = {outcome: sum(one.outcome == outcome for one in clauses) for outcome in _COLOURS}
    click.echo("  " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count))
    return counts["failed"] == 0 and status == 0


def _run(directory: Path, test: str, only: str, verbose: bool) -> tuple[int, str]:
    """Run pytest on a test, and return its exit status and what it printed."""
    (directory / "check_contract.py").write_text(test, encoding="utf-8")
    (directory / "pytest.ini").write_text("[pytest]\npython_files = check_*.py\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "toil_core.testing.recording", "-p", "no:cacheprovider", "-q"]
    command += ["-k", only] if only else []
    command += ["--basetemp", str(directory / "files"), "-c", str(directory / "pytest.ini"), str(directory)]
    done = subprocess.run(
        command,
        env={**os.environ, _RESULTS: str(directory / "results")},
        stdin=subprocess.DEVNULL,
        stdout=None if verbose else subprocess.PIPE,
        stderr=None if verbose else subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout or ""


def _clauses(path: Path) -> list[_Clause]:
    if not path.exists():
        return []
    return [_Clause(*json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _last_error(output: str) -> str:
    """Return the last error that pytest showed, without what leads to it."""
    errors = [line[1:].strip() for line in output.splitlines() if line.startswith("E ")]
    return errors[-1] if errors else ""
