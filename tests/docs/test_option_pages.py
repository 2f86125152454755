"""The pages of options and commands are made from the options and commands themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from toil_cli.main import COMMANDS
from toil_core.options.catalogue import GROUPS, all_options

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def option_pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("option_pages", DOCS / "option_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_option_that_is_shown_is_on_the_page_with_its_help(option_pages: ModuleType) -> None:
    page = option_pages.options_page()
    for option in all_options():
        if not option.hidden:
            assert f"`{option.spellings[0]}" in page
            assert option.help in page


def test_every_heading_is_on_the_page(option_pages: ModuleType) -> None:
    page = option_pages.options_page()
    assert [title for title in GROUPS if f"## {title}\n" not in page] == []


def test_every_variable_of_an_option_is_on_the_page_of_variables(option_pages: ModuleType) -> None:
    page = option_pages.variables_table()
    assert [name for option in all_options() if (name := option.variable) and f"`{name}`" not in page] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_the_page_with_what_it_says_about_itself(command: str, option_pages: ModuleType) -> None:
    page = option_pages.commands_page()
    assert f"(#toil-{command}) | {COMMANDS[command][1]} |" in page
    assert f"## toil {command}\n\n```text\nUsage: toil {command}" in page
