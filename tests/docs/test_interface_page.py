"""The page of what plugins may import is made from the interface itself, and leaves nothing out."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from toil_core import api

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def page() -> str:
    spec = importlib.util.spec_from_file_location("interface_page", DOCS / "interface_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: str = module.interface_page()
    return found


@pytest.mark.parametrize("name", api.__all__)
def test_every_public_name_is_on_the_page_with_a_sentence(name: str, page: str) -> None:
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
    about = row.removeprefix(f"| `{name}` |").removesuffix("|").strip()
    assert about[:1].isupper() or about.startswith("`")
    assert about.endswith((".", ":"))


def test_every_subject_has_names(page: str) -> None:
    sections = page.split("## ")[1:]
    assert [section.splitlines()[0] for section in sections if "| `" not in section] == []
