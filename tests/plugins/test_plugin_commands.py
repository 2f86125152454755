"""`toil plugins info` and `check` say all there is to say, of plugins that work and of those that do not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

Install = Callable[..., str]
Toil = Callable[..., subprocess.CompletedProcess[str]]

STORE = """
from toil_core.api import JobStoreSpec, Option, hookimpl
from toil_core.job_stores.file import FileJobStore, FileStorage

class MoonStorage(FileStorage):
    def put(self, key, value, *, if_absent=False):
        return super().put(key, value, if_absent=if_absent and not BROKEN)

class MoonJobStore(FileJobStore):
    scheme = "moon"
    storage_type = MoonStorage

@hookimpl
def toil_job_stores():
    phase = Option(name="moonPhase", help="Which phase.", group="Moon", default="full", plugin="moon")
    return [JobStoreSpec(name="moon", implementation=f"{__name__}:MoonJobStore", summary="Moon.", options=(phase,))]
"""
WHOLE, BROKEN = STORE.replace("BROKEN", "False"), STORE.replace("BROKEN", "True")
BATCH = """
from toil_core.api import BatchSystemSpec, hookimpl

@hookimpl
def toil_batch_systems():
    return [BatchSystemSpec(name="moon", implementation="nowhere:Moon", aliases=("luna",))]
"""


def test_info_shows_what_the_spec_says(install: Install, toil: Toil) -> None:
    module = install("toil-plugin-moon", WHOLE, "2.1", job_stores="moon")
    shown = toil("plugins", "info", "moon")
    assert shown.returncode == 0, shown.stderr
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert lines[:2] == ["job store 'moon': ok", "Moon."]
    assert "distribution: toil-plugin-moon 2.1" in lines
    assert "interface version: 1" in lines
    assert "shared: yes" in lines
    assert any(line.startswith(f"module: {module}, loaded in ") for line in lines)
    assert any(line.startswith(f"implementation: {module}:MoonJobStore, loaded in ") for line in lines)
    assert lines[-2:] == ["--moonPhase [TOIL_MOON_PHASE] (default: full)", "Which phase."]


def test_info_has_it_all_for_programs(install: Install, toil: Toil) -> None:
    install("toil-plugin-moon", WHOLE, "2.1", job_stores="moon")
    (shown,) = json.loads(toil("plugins", "info", "moon", "--json").stdout)
    assert (shown["kind"], shown["name"], shown["version"], shown["status"]) == ("job_stores", "moon", "2.1", "ok")
    assert (shown["api_version"], shown["shared"], shown["error"]) == (1, True, None)
    assert shown["load_ms"] >= 0
    assert shown["implementation_load_ms"] >= 0
    (option,) = shown["options"]
    assert (option["flags"], option["variable"], option["default"]) == (["--moonPhase"], "TOIL_MOON_PHASE", "full")


@pytest.mark.parametrize("name", ["moon", "Luna", "toil-plugin-moon"])
def test_info_finds_a_plugin_by_alias_and_by_distribution_and_says_what_cannot_be_loaded(
    install: Install, toil: Toil, name: str
) -> None:
    install("toil-plugin-moon", BATCH, batch_systems="moon")
    shown = toil("plugins", "info", name)
    assert shown.stdout.startswith("batch system 'moon': ok")
    assert "aliases:           luna" in shown.stdout
    assert "nowhere:Moon of the plugin 'moon' cannot be imported: ModuleNotFoundError" in shown.stdout


def test_info_shows_plugins_of_one_name_and_several_kinds(install: Install, toil: Toil) -> None:
    install("toil-plugin-moon", WHOLE, job_stores="moon")
    install("toil-plugin-luna", BATCH, batch_systems="moon")
    shown = toil("plugins", "info", "moon").stdout
    assert "job store 'moon': ok" in shown
    assert "batch system 'moon': ok" in shown


def test_info_explains_what_is_broken_or_switched_off(install: Install, toil: Toil) -> None:
    install("toil-plugin-moon", "raise ImportError('no moonlib')", job_stores="moon")
    shown = toil("plugins", "info", "moon").stdout
    assert "job store 'moon': broken" in shown
    assert "It is broken: ImportError: no moonlib." in shown
    off = toil("plugins", "info", "moon", TOIL_DISABLE_PLUGINS="moon").stdout
    assert "It is switched off by TOIL_DISABLE_PLUGINS." in off


def test_a_known_plugin_that_is_absent_comes_with_the_line_that_installs_it(toil: Toil) -> None:
    shown = toil("plugins", "info", "mesos")
    assert shown.returncode == 2
    assert shown.stderr.endswith("'mesos' is installed.\nInstall it with: pip install toil-plugin-mesos\n")


@pytest.mark.parametrize("name", ["python", "http"])
def test_what_the_core_brings_can_be_checked(toil: Toil, name: str) -> None:
    shown = toil("plugins", "check", name)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert " passed" in shown.stdout.splitlines()[-1]


@pytest.mark.parametrize("command", ["info", "check"])
def test_a_near_miss_names_the_nearest(install: Install, toil: Toil, command: str) -> None:
    install("toil-plugin-moon", WHOLE, job_stores="moon")
    shown = toil("plugins", command, "mooon")
    assert shown.returncode == 2
    assert shown.stderr == "toil: error: No plugin named 'mooon' is installed.\nDid you mean 'moon'?\n"


def test_check_passes_a_plugin_that_keeps_its_contract(install: Install, toil: Toil) -> None:
    install("toil-plugin-moon", WHOLE, job_stores="moon")
    shown = toil("plugins", "check", "moon", "-k", "attempt")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "  passed  one attempt commits\n" in shown.stdout
    assert shown.stdout.splitlines()[0] == "job store 'moon' of toil-plugin-moon 1.0"


def test_check_shows_which_clause_is_broken_and_why(install: Install, toil: Toil) -> None:
    install("toil-plugin-moon", BROKEN, job_stores="moon")
    shown = toil("plugins", "check", "moon", "-k", "attempt")
    assert shown.returncode == 1
    assert "  failed  one attempt commits\n            AssertionError: assert" in shown.stdout
    assert "1 failed" in shown.stdout.splitlines()[-1]


def test_check_makes_a_job_store_where_it_is_told_to(
    install: Install, toil: Toil, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("place")
    notes = "open({!r}, 'a').write(self.name + '\\n')".format(str(place / "names"))
    source = WHOLE.replace("        return super().put(", f"        {notes}\n        return super().put(")
    install("toil-plugin-moon", source, job_stores="moon")
    shown = toil("plugins", "check", "moon", "--at", f"moon:{place}/check", "-k", "facts")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    names = set((place / "names").read_text().splitlines())
    assert names
    assert all(name.startswith(f"{place}/check-") for name in names)


def test_check_says_what_it_cannot_check(install: Install, toil: Toil) -> None:
    install("toil-plugin-moon", "raise ImportError('no moonlib')", job_stores="moon")
    broken = toil("plugins", "check", "moon")
    assert broken.returncode == 2
    sentence, hint = broken.stderr.splitlines()
    assert sentence == "toil: error: The job store 'moon' is broken: ImportError: no moonlib."
    assert hint.endswith("toil plugins info moon")
    spec = "WorkflowLanguageSpec(name='luna', implementation='a:b')"
    source = f"from toil_core.api import *\n@hookimpl\ndef toil_workflow_languages(): return [{spec}]\n"
    install("toil-plugin-luna", source, workflow_languages="luna")
    language = toil("plugins", "check", "luna")
    assert language.returncode == 2
    assert "The workflow language 'luna' does not say how it can be checked." in language.stderr


def test_check_runs_the_kit_that_a_plugin_names(install: Install, toil: Toil) -> None:
    kit = install("made-for-kit", "class TestMoon:\n    def test_it_shines(self):\n        assert True\n")
    spec = f"ObserverSpec(name='moon', implementation='json:dumps', kit={kit!r})"
    source = f"from toil_core.api import ObserverSpec, hookimpl\n@hookimpl\ndef toil_observers(): return [{spec}]\n"
    install("toil-plugin-moon", source, observers="moon")
    shown = toil("plugins", "check", "moon")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout == "observer 'moon' of toil-plugin-moon 1.0\n  passed  it shines\n  1 passed\n"
