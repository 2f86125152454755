"""A workflow language that exists for these tests, and means to run documents in it as users do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Runs `toil` with these arguments in the test's directory; a keyword `program` names another program, `stdin` is
#: what it reads, and other keywords are environment variables.
Run = Callable[..., subprocess.CompletedProcess[str]]

PLUGIN = """
from toil_core.api import Option, WorkflowLanguageSpec, hookimpl

@hookimpl
def toil_workflow_languages():
    phase = Option(name="phase", help="Which phase.", group="Moon", default="full", flags=("-p", "--phase"))
    there = Option(name="outdir", help="Where to.", group="Moon", default="moon-out", flags=("-o", "--outdir"))
    mars = Option(name="outdir", help="Elsewhere.", group="Mars", default="mars-out", flags=("-o", "--outdir"))
    dust = Option(name="dust", help="How much.", group="Mars", metavar=None, default=False, flags=("-p", "--dust"))
    return [
        WorkflowLanguageSpec(
            name="moon",
            implementation="moon_language:run",
            preload="moon_language:preload",
            summary="Workflows of the moon.",
            options=(phase, there),
            suffixes=(".moon",),
            markers=("moonVersion",),
            input_flags=True,
            about="\\b\\ntoil moon landing.moon   land",
        ),
        WorkflowLanguageSpec(
            name="mars", implementation="nowhere:run", summary="Of Mars.", options=(mars, dust), suffixes=(".mars",)
        ),
    ]
"""

ENTRY_POINTS = """[toil.workflow_languages]
moon = moon_plugin
mars = moon_plugin
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a directory with the distribution of the language, in the place of all that is installed but the core."""
    path = tmp_path / "site"
    info = path / "toil_plugin_moon-1.0.dist-info"
    info.mkdir(parents=True)
    (path / "moon_plugin.py").write_text(PLUGIN)
    (path / "moon_language.py").write_text((Path(__file__).parent / "moon_language.py").read_text())
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toil-plugin-moon\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    return path


@pytest.fixture
def toil(tmp_path: Path, site: Path) -> Run:
    """Return what runs `toil`, and other programs of ours."""

    def run(
        *arguments: str, program: str = "toil", stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        main = "toil_cli.main import main" if program == "toil" else "toil_cli.languages import runner as main"
        return subprocess.run(
            [sys.executable, "-c", f"import sys; sys.argv[0] = {program!r}; from {main}; main()", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)]),
                "HOME": str(home),
                "TMPDIR": str(home),
                **environment,
            },
            check=False,
        )

    return run


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    """Write a document into the test's directory."""

    def write(text: str = "", name: str = "x.moon") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
