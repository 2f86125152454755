"""The report as a person sees it: opened in a browser, with ten jobs and with ten thousand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.understanding.browser import Page
from tests.understanding.conftest import Run
from toil_core.inspection.report import render_report
from toil_core.inspection.view import WorkflowView

ROWS = "document.querySelectorAll('#list tbody tr').length"
FOUND = "document.getElementById('found').textContent"


@pytest.fixture
def opened(chromium: Page, tmp_path: Path) -> Callable[[WorkflowView], Page]:
    """Return a way to open the report of a workflow."""

    def open_report(view: WorkflowView) -> Page:
        path = tmp_path / "report.html"
        path.write_text(render_report(view), encoding="utf-8")
        chromium.complaints.clear()
        chromium.requests.clear()
        chromium.open(path)
        return chromium

    return open_report


def pixels(page: Page) -> list[str]:
    """Return the colours in the timeline, most frequent first."""
    found: list[str] = page.value(
        """(() => {
          const canvas = document.getElementById("lanes");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const counts = {};
          for (let at = 0; at < data.length; at += 4) {
            if (data[at + 3] !== 255) continue;
            const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
            counts[colour] = (counts[colour] || 0) + 1;
          }
          return Object.keys(counts).sort((a, b) => counts[b] - counts[a]);
        })()"""
    )
    return found


def test_ten_thousand_jobs_are_one_small_page_that_opens_soon(
    large: Callable[[int], WorkflowView], opened: Callable[[WorkflowView], Page], tmp_path: Path
) -> None:
    page = opened(large(10_000))
    assert (tmp_path / "report.html").stat().st_size < 5_000_000
    assert float(page.value("performance.getEntriesByType('navigation')[0].loadEventEnd")) < 3000
    assert page.value("document.documentElement.dataset.bars") == "10000"
    assert page.value(FOUND) == "10,000 jobs, the first 200 shown"
    assert page.value(ROWS) == 200
    assert page.complaints == []


def test_the_page_loads_nothing_but_itself(
    large: Callable[[int], WorkflowView], opened: Callable[[WorkflowView], Page]
) -> None:
    page = opened(large(10))
    assert [one for one in page.requests if not one.startswith("file:")] == []
    assert len(page.requests) == 1
    assert page.complaints == []


def test_every_section_tells_of_a_run_that_failed(failed_run: Run, opened: Callable[[WorkflowView], Page]) -> None:
    page = opened(failed_run.view())
    assert page.value("document.querySelector('h1').textContent") == "workflow.py"
    status = page.value("document.querySelector('.status').textContent")
    assert status == "The workflow stopped because 2 jobs failed; 1 could not run."
    assert page.value("document.querySelectorAll('details.failure').length") == 1
    assert page.value("document.querySelector('.badge').textContent") == "2 failed"
    assert "toil debug-job" in page.value("document.querySelector('.command code').textContent")
    assert page.value("document.querySelectorAll('#graph .node').length") == 10
    assert page.value("document.querySelectorAll('#graph .node.failed').length") == 2
    assert page.value("document.querySelectorAll('#resources tbody tr').length") == 4
    assert page.value(ROWS) == 10
    assert page.value("document.documentElement.dataset.bars") == "11"


def test_what_jobs_are_called_and_print_is_text_and_nothing_else(
    failed_run: Run, opened: Callable[[WorkflowView], Page]
) -> None:
    page = opened(failed_run.view())
    assert page.value("document.title") == "workflow.py: report"
    assert page.value("document.querySelectorAll('script:not([type])').length") == 1
    assert "<script>document.title" in page.value("document.querySelector('.failure pre').textContent")
    assert "<script>bad</script>" in page.value("document.querySelector('.failure summary').textContent")
    assert "check <b>it</b>" in page.value("document.querySelector('#list tbody').textContent")
    assert page.value("document.querySelectorAll('main b').length") == 0


def test_the_list_of_jobs_can_be_searched_and_ordered(
    large: Callable[[int], WorkflowView], opened: Callable[[WorkflowView], Page]
) -> None:
    page = opened(large(301))
    page.value("document.getElementById('find').focus()")
    for letter in "ple 42":
        page.press(letter)
    assert page.value(FOUND) == "3 jobs"
    assert page.value(
        "[...document.querySelectorAll('#list tbody tr')].every(row => row.cells[0].textContent.endsWith('sample 42'))"
    )
    page.value(
        "(() => { const order = document.getElementById('order'); order.value = 'label';"
        " order.dispatchEvent(new Event('change')); })()"
    )
    names = page.value("[...document.querySelectorAll('#list tbody tr')].map(row => row.cells[0].textContent)")
    assert names == ["align sample 42", "call sample 42", "sort sample 42"]


def test_the_timeline_follows_the_keyboard_and_the_mouse(
    large: Callable[[int], WorkflowView], opened: Callable[[WorkflowView], Page]
) -> None:
    page = opened(large(100))
    before = page.value("document.getElementById('lanes').toDataURL()")
    page.value("document.getElementById('lanes').focus()")
    page.press("+")
    page.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.value("document.getElementById('lanes').toDataURL()") != before
    page.press("0")
    page.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.value("document.getElementById('lanes').toDataURL()") == before
    page.value("document.getElementById('lanes').scrollIntoView({behavior: 'instant'})")
    box = page.value("document.getElementById('lanes').getBoundingClientRect().toJSON()")
    page.point_at(box["x"] + 8, box["y"] + 54 + 22 + 6 + 18 + 2)
    assert page.value("document.getElementById('tip').textContent").split("\n")[1].endswith("began after 0 ms")


def test_colours_follow_what_the_person_prefers(
    large: Callable[[int], WorkflowView], opened: Callable[[WorkflowView], Page]
) -> None:
    page = opened(large(100))
    seen = {}
    for scheme in ("light", "dark"):
        page.prefer(scheme)
        paper = page.value("getComputedStyle(document.body).backgroundColor")
        page.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        seen[scheme] = paper, pixels(page)
    assert seen["light"][0] == "rgb(246, 247, 249)" and seen["dark"][0] == "rgb(17, 21, 27)"
    assert "198,40,40" in seen["light"][1] and "255,107,107" in seen["dark"][1], "failed attempts are red"


def test_a_narrow_window_has_no_sideways_scrolling(
    failed_run: Run, opened: Callable[[WorkflowView], Page], tmp_path: Path
) -> None:
    page = opened(failed_run.view())
    page.open(tmp_path / "report.html", width=380)
    assert page.value("document.documentElement.scrollWidth") <= 380


def test_everything_to_press_has_a_name_and_every_table_has_headings(
    failed_run: Run, opened: Callable[[WorkflowView], Page]
) -> None:
    page = opened(failed_run.view())
    nameless = (
        "[...document.querySelectorAll('button, a, input, select, canvas, svg')].filter(one => "
        "!(one.getAttribute('aria-label') || one.textContent.trim() || (one.labels && one.labels.length))).length"
    )
    assert page.value(nameless) == 0
    assert page.value("[...document.querySelectorAll('thead th')].every(one => one.scope === 'col')")
    assert page.value("document.documentElement.lang") == "en"
    assert page.value("[...document.querySelectorAll('h1, h2')].map(one => one.tagName).join('')").startswith("H1H2")
    identities = "[...document.querySelectorAll('[id]')].map(one => one.id)"
    assert page.value(f"{identities}.length === new Set({identities}).size")
