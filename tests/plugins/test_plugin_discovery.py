"""Finding plugins: what is installed is known without importing it, and what is typed is found or explained."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from toil_core import plugins
from toil_core.entry_points import all_entries, parse_entry_points
from toil_core.errors import UserError
from toil_core.plugin_records import inventory

#: Makes a distribution: its name, the source of its plugin module, and its entry points by group.
Install = Callable[..., str]


def batch_system(name: str, implementation: str = "nowhere:Nothing", more: str = "") -> str:
    """Return the source of a plugin with one batch system."""
    return f"""
    from toil_core.api import BatchSystemSpec, hookimpl

    @hookimpl
    def toil_batch_systems():
        return [BatchSystemSpec(name={name!r}, implementation={implementation!r}{more})]
    """


def test_names_are_known_without_importing_anything(install: Install) -> None:
    module = install("toil-plugin-moon", batch_system("moon"), batch_systems="moon")
    assert "moon" in plugins.names("batch_systems")
    assert module not in sys.modules


def test_choosing_a_plugin_returns_its_spec(install: Install) -> None:
    module = install("toil-plugin-moon", batch_system("moon", "json:JSONDecoder"), batch_systems="moon")
    spec = plugins.find("batch_systems", "moon")
    assert (spec.name, spec.implementation) == ("moon", "json:JSONDecoder")
    assert module in sys.modules
    assert plugins.load(spec).__name__ == "JSONDecoder"


def test_choosing_one_plugin_does_not_import_another(install: Install) -> None:
    install("toil-plugin-moon", batch_system("moon"), batch_systems="moon")
    other = install("toil-plugin-mars", batch_system("mars"), batch_systems="mars")
    plugins.find("batch_systems", "moon")
    assert other not in sys.modules


@pytest.mark.parametrize("typed", ["single_machine", "singleMachine", "single-machine", "single"])
def test_single_machine_is_found_under_all_its_names(typed: str) -> None:
    assert plugins.find("batch_systems", typed).name == "single_machine"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("job_stores", "file"), ("url_schemes", "file"), ("url_schemes", "http"), ("url_schemes", "https")],
)
def test_the_core_registers_like_any_plugin(kind: str, name: str) -> None:
    assert plugins.find(kind, name).name == name


def test_all_that_the_core_offers_can_be_loaded() -> None:
    core = [record for record in inventory() if record.entry.distribution == "toil"]
    assert len(core) >= 6
    for record in core:
        assert record.spec is not None, record.error
        assert plugins.load(record.spec) is not None


def test_an_alias_of_a_plugin_is_found(install: Install) -> None:
    install("toil-plugin-moon", batch_system("moon", more=", aliases=('luna',)"), batch_systems="moon")
    assert plugins.find("batch_systems", "luna").name == "moon"


def test_a_near_miss_names_what_is_installed(install: Install) -> None:
    install("toil-plugin-moon", batch_system("moon"), batch_systems="moon")
    with pytest.raises(plugins.UnknownPluginError) as caught:
        plugins.find("batch_systems", "mooon")
    assert caught.value.nearest == ["moon"]
    assert str(caught.value) == "There is no batch system 'mooon'. Did you mean 'moon'?"


@pytest.mark.parametrize(
    ("kind", "name", "distribution"),
    [
        ("batch_systems", "slurm", "toil-plugin-slurm"),
        ("batch_systems", "gridengine", "toil-plugin-gridengine"),
        ("batch_systems", "grid_engine", "toil-plugin-gridengine"),
        ("batch_systems", "aws_batch", "toil-plugin-aws-batch"),
        ("job_stores", "aws", "toil-plugin-aws"),
        ("job_stores", "google", "toil-plugin-google"),
        ("provisioners", "gce", "toil-plugin-google"),
        ("url_schemes", "s3", "toil-plugin-aws"),
        ("url_schemes", "gs", "toil-plugin-google"),
        ("workflow_languages", "cwl", "toil-plugin-cwl"),
    ],
)
def test_a_known_plugin_that_is_absent_comes_with_the_line_that_installs_it(
    kind: str, name: str, distribution: str, core_alone: None
) -> None:
    with pytest.raises(plugins.UnknownPluginError, match=f"is not installed.*pip install {distribution}$"):
        plugins.find(kind, name)


def test_a_misspelt_known_plugin_is_recognized(core_alone: None) -> None:
    with pytest.raises(plugins.UnknownPluginError, match="If you mean 'slurm', install it with: pip install"):
        plugins.find("batch_systems", "slrum")


def test_two_distributions_with_one_name_are_both_named(install: Install) -> None:
    install("toil-plugin-moon", batch_system("moon"), batch_systems="moon")
    install("lunar-tools", batch_system("moon"), batch_systems="moon")
    with pytest.raises(plugins.PluginError, match="TOIL_DISABLE_PLUGINS") as caught:
        plugins.find("batch_systems", "moon")
    assert "toil-plugin-moon" in str(caught.value)
    assert "lunar-tools" in str(caught.value)


def test_a_distribution_cannot_take_a_name_of_the_core(install: Install) -> None:
    install("rogue", batch_system("single_machine"), batch_systems="single_machine")
    with pytest.raises(plugins.PluginError, match="of toil cannot be told from the one of rogue"):
        plugins.find("batch_systems", "single_machine")


@pytest.mark.parametrize("listed", ["moon", "toil-plugin-moon", "other, Toil_Plugin_Moon"])
def test_a_disabled_plugin_is_not_used_and_says_so(
    install: Install, monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    module = install("toil-plugin-moon", batch_system("moon"), batch_systems="moon")
    monkeypatch.setenv("TOIL_DISABLE_PLUGINS", listed)
    assert "moon" not in plugins.names("batch_systems")
    with pytest.raises(plugins.PluginError, match="switched off by TOIL_DISABLE_PLUGINS"):
        plugins.find("batch_systems", "moon")
    assert module not in sys.modules


def test_disabling_one_of_two_rivals_leaves_the_other(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("toil-plugin-moon", batch_system("moon", "a:b"), batch_systems="moon")
    install("lunar-tools", batch_system("moon", "c:d"), batch_systems="moon")
    monkeypatch.setenv("TOIL_DISABLE_PLUGINS", "toil-plugin-moon")
    assert plugins.find("batch_systems", "moon").implementation == "c:d"


BROKEN = {
    "raises on import": ("raise ImportError('no moonlib')", "ImportError: no moonlib"),
    "exits on import": ("raise SystemExit(3)", "SystemExit: 3"),
    "has no hook": ("", "no spec of that name comes from toil_batch_systems"),
    "has an unknown hook": (
        batch_system("moon") + "\n    @hookimpl\n    def toil_batch_system(): return []\n",
        "unknown hook 'toil_batch_system'",
    ),
    "returns another name": (batch_system("mars"), "no spec of that name"),
    "raises in the hook": (
        "from toil_core.api import hookimpl\n@hookimpl\ndef toil_batch_systems(): return 1 / 0\n",
        "ZeroDivisionError",
    ),
    "returns no specs": (
        "from toil_core.api import hookimpl\n@hookimpl\ndef toil_batch_systems(): return [7]\n",
        "AttributeError",
    ),
    "returns another kind": (
        batch_system("moon").replace("BatchSystemSpec", "JobStoreSpec"),
        "returns JobStoreSpec for it, not BatchSystemSpec",
    ),
    "is for another interface": (
        batch_system("moon", more=", api_version=99"),
        "was written for version 99 of the plugin interface; this Toil has version 1",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_plugin_is_explained_when_chosen_and_harms_no_other(install: Install, fault: str) -> None:
    source, reason = BROKEN[fault]
    install("toil-plugin-moon", source, batch_systems="moon")
    install("toil-plugin-mars", batch_system("mars"), batch_systems="mars")
    with pytest.raises(plugins.PluginError) as caught:
        plugins.find("batch_systems", "moon")
    assert reason in str(caught.value)
    assert "toil-plugin-moon" in caught.value.hint
    assert plugins.find("batch_systems", "mars").name == "mars"
    record = next(record for record in inventory() if record.entry.name == "moon")
    assert reason in record.error


def test_a_broken_plugin_is_passed_over_loudly(
    install: Install, core_alone: None, caplog: pytest.LogCaptureFixture
) -> None:
    install("toil-plugin-moon", "raise ImportError('no moonlib')", batch_systems="moon")
    assert plugins.plugin_options() == ()
    assert "The batch system 'moon' of toil-plugin-moon was left out: it is broken: ImportError: no moonlib." in (
        caplog.messages
    )


def test_an_implementation_that_cannot_be_imported_is_a_user_error(install: Install) -> None:
    install("toil-plugin-moon", batch_system("moon", "moon_is_missing:Moon"), batch_systems="moon")
    with pytest.raises(UserError, match="moon_is_missing:Moon of the plugin 'moon' cannot be imported") as caught:
        plugins.load(plugins.find("batch_systems", "moon"))
    assert "Reinstall" in caught.value.hint


def test_options_of_plugins_are_collected(install: Install, core_alone: None) -> None:
    source = """
    from toil_core.api import BatchSystemSpec, Option, hookimpl

    @hookimpl
    def toil_batch_systems():
        phase = Option(name="moonPhase", help="Which phase.", group="Moon")
        return [BatchSystemSpec(name="moon", implementation="a:b", options=(phase,))]
    """
    install("toil-plugin-moon", source, batch_systems="moon")
    assert [option.name for option in plugins.plugin_options()] == ["moonPhase"]


LANGUAGE = """
from toil_core.api import WorkflowLanguageSpec, hookimpl

@hookimpl
def toil_workflow_languages():
    return [WorkflowLanguageSpec(name={name!r}, implementation="a:b", suffixes=(".moon",))]
"""


def test_a_workflow_language_is_chosen_by_the_ending_of_the_file(install: Install) -> None:
    install("toil-plugin-moon", LANGUAGE.format(name="moon"), workflow_languages="moon")
    assert plugins.language_for("dir.py/x.MOON").name == "moon"
    assert plugins.language_for("x.py").name == "python"


def test_two_languages_for_one_ending_are_both_named(install: Install) -> None:
    install("toil-plugin-moon", LANGUAGE.format(name="moon"), workflow_languages="moon")
    install("toil-plugin-luna", LANGUAGE.format(name="luna"), workflow_languages="luna")
    with pytest.raises(UserError, match="'moon' of toil-plugin-moon"):
        plugins.language_for("x.moon")


@pytest.mark.parametrize(
    ("path", "hint"),
    [("x.cwl", "pip install toil-plugin-cwl"), ("x.wdl", "toil-plugin-wdl"), ("x.txt", ".py"), ("x", ".py")],
)
def test_a_file_in_no_language_says_what_could_be_run(path: str, hint: str, core_alone: None) -> None:
    with pytest.raises(UserError, match=f"'{path}' is not a workflow") as caught:
        plugins.language_for(path)
    assert hint in caught.value.hint


def test_url_schemes_are_resolved_for_workers() -> None:
    found = plugins.url_scheme_implementations()
    assert set(found) >= {"file", "http", "https"}
    assert all(":" in implementation for implementation in found.values())


def test_metadata_in_a_zip_file_on_the_path_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "moon.egg"
    with zipfile.ZipFile(archive, "w") as egg:
        egg.writestr("toil_plugin_moon-2.0.dist-info/METADATA", "Name: toil-plugin-moon\nVersion: 2.0\n")
        egg.writestr("toil_plugin_moon-2.0.dist-info/entry_points.txt", "[toil.batch_systems]\nmoon = moon.plugin\n")
    monkeypatch.syspath_prepend(str(archive))
    found = [entry for entry in all_entries() if entry.name == "moon"]
    assert [(entry.module, entry.distribution, entry.version) for entry in found] == [
        ("moon.plugin", "toil-plugin-moon", "2.0")
    ]


def test_a_distribution_seen_twice_counts_where_the_path_has_it_first(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("toil-plugin-moon", batch_system("moon"), batch_systems="moon")
    first = tmp_path / "first"
    info = first / "toil_plugin_moon-9.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text("[toil.batch_systems]\nmoon = newer_moon\n")
    monkeypatch.syspath_prepend(str(first))
    assert [entry.version for entry in all_entries() if entry.name == "moon"] == ["9.0"]


def test_entry_points_of_other_projects_comments_and_extras_are_passed_over() -> None:
    text = (
        "[console_scripts]\nmoon = a:b\n[toil.commands]\n# x = y\n; z = y\nmoon=moon.plugin [fast]\n[toil.new]\na = b"
    )
    found = parse_entry_points(text, "moon", "1")
    assert [(entry.kind, entry.name, entry.module) for entry in found] == [("commands", "moon", "moon.plugin")]


def test_plugins_list_shows_a_broken_plugin_with_its_error(install: Install, toil: Callable[..., object]) -> None:
    import json

    install("toil-plugin-moon", "raise ImportError('no moonlib')", version="3.1", batch_systems="moon")
    result = toil("plugins", "list", "--json")
    assert result.returncode == 0  # type: ignore[attr-defined]
    rows = {(row["kind"], row["name"]): row for row in json.loads(result.stdout)}  # type: ignore[attr-defined]
    moon = rows["batch_systems", "moon"]
    assert (moon["status"], moon["distribution"], moon["version"]) == ("broken", "toil-plugin-moon", "3.1")
    assert "no moonlib" in moon["error"]
    assert rows["batch_systems", "single_machine"]["status"] == "ok"
    assert rows["batch_systems", "single_machine"]["load_ms"] >= 0
