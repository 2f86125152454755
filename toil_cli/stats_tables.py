"""Statistics of a workflow as people read them: the documented plain table, and tables for a terminal of any width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from toil_core.observe.status import duration
from toil_core.observe.text import one_line
from toil_core.units import bytes2human

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from toil_core.inspection.statistics import Comparison, Group, Spread, Statistics
    from toil_core.options.config import Config

FIELDS = ("min", "med", "ave", "max", "total")
#: The categories that are bytes; the others are seconds.
_SIZES = frozenset({"memory", "disk"})
#: Terminals narrower than this, in columns, show fewer fields.
_NARROW = 72


class Choice(NamedTuple):
    """What to show of statistics, and how.

    :ivar categories: which ones, in their order.
    :ivar sort_category: the one that kinds are ordered by.
    :ivar sort_field: the field of it.
    :ivar pretty: whether numbers have units.
    """

    categories: Sequence[str]
    sort_category: str
    sort_field: str
    pretty: bool

    def value(self, category: str, value: float) -> str:
        """Return one value of a category."""
        if category in _SIZES:
            return size(value, self.pretty)
        return seconds(value, self.pretty)

    def title(self, category: str) -> str:
        """Return the heading of a category; the one that is sorted by has a star."""
        return category.capitalize() + ("*" if category == self.sort_category else "")

    def field(self, category: str, name: str) -> str:
        """Return the heading of a field; the one that is sorted by has a star."""
        return name + ("*" if category == self.sort_category and name == self.sort_field else "")


def seconds(value: float, pretty: bool) -> str:
    """Return seconds as a plain number, or in the units that suit them."""
    if not pretty:
        # Clocks of different kinds differ in their last digits, which makes a wait of nothing one of less than that.
        return f"{0.0 if abs(value) < 0.005 else value:.2f}"
    if abs(value) < 1:
        return f"{value * 1000:.0f} ms".replace("-0 ms", "0 ms")
    return f"{value:.2f} s" if abs(value) < 60 else duration(value)


def size(value: float, pretty: bool) -> str:
    """Return bytes as a number of K, or in the unit that suits them."""
    return bytes2human(value) if pretty else f"{value / 1024:.0f}K"


def header(statistics: Statistics, config: Config, pretty: bool) -> list[str]:
    """Return what is said of the workflow as a whole."""
    lines = [
        f"Batch System: {config.batchSystem}",
        f"Default Cores: {config.defaultCores}  Default Memory: {size(config.defaultMemory, pretty)}",
        f"Max Cores: {float(config.maxCores):g}",
        f"Total Clock: {seconds(statistics.clock, pretty)}  Total Runtime: {seconds(statistics.runtime, pretty)}",
    ]
    if statistics.failed.number:
        spent = statistics.failed.seconds
        time = f"  Time in them: {seconds(spent, pretty)}" if spent is not None else ""
        lines.append(f"Failed Attempts: {statistics.failed.number}{time}")
    return lines


def plain_report(statistics: Statistics, kinds: Sequence[Group], config: Config, choice: Choice) -> str:
    """Return the documented table, and what was asked for beside what was used."""
    lines = header(statistics, config, choice.pretty)
    lines += ["Worker", *_plain_group(statistics.workers, choice)]
    lines.append("Job")
    if statistics.jobs_per_worker is not None:
        lines += _plain_jobs_per_worker(statistics.jobs_per_worker)
    lines += _plain_group(statistics.jobs, choice)
    for group in kinds:
        lines += [f" {one_line(group.name)}", *_plain_group(group, choice)]
    if statistics.jobs.members:
        lines += ["Requested and Used", *_plain_comparisons(_labelled(statistics, kinds), choice)]
    return "\n".join(lines)


def _plain_group(group: Group, choice: Choice) -> list[str]:
    shown = [category for category in choice.categories if category in group.spreads]
    rows = [["Count"], ["n"], [str(group.members)]]
    for category in shown:
        spread = group.spreads[category]
        cells = [choice.value(category, value) for value in spread]
        width = max(8, *(len(cell) + 1 for cell in cells))
        titles = [choice.field(category, name) for name in FIELDS]
        rows[0].append(choice.title(category).rjust((width + 1) * len(FIELDS) - 1))
        rows[1].append(" ".join(title.rjust(width) for title in titles))
        rows[2].append(" ".join(cell.rjust(width) for cell in cells))
    return [" ".join([row[0].rjust(9), *(f"| {cell}" for cell in row[1:])]) for row in rows]


def _plain_jobs_per_worker(spread: Spread) -> list[str]:
    values = [f"{value:.0f}" for value in spread[:4]]
    return [
        " Worker Jobs  | " + " ".join(name.rjust(7) for name in FIELDS[:4]),
        "              | " + " ".join(value.rjust(7) for value in values),
    ]


def _plain_comparisons(groups: Sequence[tuple[str, Group]], choice: Choice) -> list[str]:
    rows = [["Kind", *_comparison_titles()], *([name, *_comparison_cells(group, choice)] for name, group in groups)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def _labelled(statistics: Statistics, kinds: Sequence[Group]) -> list[tuple[str, Group]]:
    return [*((one_line(group.name), group) for group in kinds), ("(all jobs)", statistics.jobs)]


def _comparison_titles() -> list[str]:
    return [f"{what} {which}" for what in ("Cores", "Memory", "Disk") for which in ("requested", "used", "wasted")]


def _comparison_cells(group: Group, choice: Choice) -> list[str]:
    cells = _of_comparison(group.cores, lambda value: seconds(value, choice.pretty))
    for comparison in (group.memory, group.disk):
        cells += _of_comparison(comparison, lambda value: size(value, choice.pretty))
    return cells


def _of_comparison(comparison: Comparison | None, shown: Callable[[float], str]) -> list[str]:
    if comparison is None:
        return ["-"] * 3
    return [shown(value) for value in (comparison.requested, comparison.used, comparison.wasted)]


# On a terminal


def show(console: Console, statistics: Statistics, kinds: Sequence[Group], config: Config, choice: Choice) -> None:
    """Print tables that fit the terminal."""
    from rich.markup import escape

    for line in header(statistics, config, choice.pretty):
        console.print(line, markup=False, highlight=False)
    groups = [statistics.workers, statistics.jobs, *kinds]
    for group in groups:
        console.print()
        console.print(f"[bold]{escape(one_line(group.name))}[/bold], {group.members}", highlight=False)
        if group.spreads:
            console.print(_group_table(group, choice, console.width))
    if statistics.jobs.members:
        console.print()
        console.print("[bold]Requested and used[/bold]", highlight=False)
        for name, group in _labelled(statistics, kinds):
            console.print(_comparison_lines(name, group, choice), markup=False, highlight=False)


def _group_table(group: Group, choice: Choice, width: int) -> Table:
    from rich.table import Table

    fields = FIELDS if width >= _NARROW else ("med", "max", "total")
    table = Table(box=None, pad_edge=False, padding=(0, 1 if width < _NARROW else 2, 0, 0))
    table.add_column("", no_wrap=True)
    for name in fields:
        starred = name == choice.sort_field
        table.add_column(name + ("*" if starred else ""), justify="right", no_wrap=True)
    for category in choice.categories:
        if category in group.spreads:
            spread = group.spreads[category]
            cells = [choice.value(category, getattr(spread, name)) for name in fields]
            table.add_row(choice.title(category), *cells)
    return table


def _comparison_lines(name: str, group: Group, choice: Choice) -> str:
    lines = [name]
    for title, comparison, shown in (
        ("cores", group.cores, seconds),
        ("memory", group.memory, size),
        ("disk", group.disk, size),
    ):
        if comparison is None:
            continue
        share = f"{comparison.used / comparison.requested:.0%} of " if comparison.requested else "of "
        lines.append(
            f"  {title}: {share}{shown(comparison.requested, choice.pretty)} used, "
            f"{shown(comparison.wasted, choice.pretty)} wasted"
        )
    return "\n".join(lines)
