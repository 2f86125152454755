"""The reference page is made of the options themselves."""

from __future__ import annotations

from toil_core.options.catalogue import GROUPS, all_options
from toil_core.options.option import Option
from toil_core.options.rendering import reference_page


def test_the_page_has_every_heading_and_every_spelling() -> None:
    page = reference_page()
    for title in GROUPS:
        assert f"## {title}\n" in page
    for option in all_options():
        for spelling in option.spellings:
            assert f"`{spelling}`" in page


def test_a_row_says_default_variable_and_whether_a_value_may_be_left_out() -> None:
    page = reference_page()
    assert "| `--retryCount` *RETRYCOUNT* | 1 | `TOIL_RETRY_COUNT` |" in page
    assert "| `--writeLogs` [*FILEPATH*] |" in page
    assert all(line.count("|") - line.count("\\|") == 5 for line in page.splitlines() if line.startswith("|"))


def test_options_of_plugins_are_under_their_own_heading() -> None:
    page = reference_page((Option("fooQueue", "Which a|b queue.", "Foo Options", default="main"),))
    assert "## Foo Options" in page
    assert "Which a\\|b queue." in page
