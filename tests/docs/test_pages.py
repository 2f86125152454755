"""Every code block of the documentation and of the README does what its page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_in, run_block

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
LANGUAGES = {"console", "python", "text", "toml", "yaml", "mermaid"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_blocks_of_a_page_do_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    text = page.read_text()
    for service in re.findall(r"<!-- needs the service (\w+) -->", text):
        for name, value in request.getfixturevalue(service).items():
            monkeypatch.setenv(name, value)
    blocks = list(blocks_in(text))
    for block in blocks:
        if not block.reason:
            run_block(block, tmp_path)
    unknown = {block.language for block in blocks if not block.language.startswith("{")} - LANGUAGES
    assert not unknown, f"blocks of languages that are not run: {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
