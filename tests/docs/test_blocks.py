"""The runner of code blocks itself: what it takes for a block, and what it takes for a difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import BlockFailed, blocks_in, commands_in, matches, run_block

PAGE = """
Text.

```python
# file: greet.py
print("hello")
```

<!-- not run: it takes all night -->
```console
$ sleep 30000
```

```console
$ python3 greet.py
hello
$ false
$ echo $?
1
```
"""


def test_blocks_are_found_with_their_lines_and_reasons() -> None:
    found = [(block.line, block.language, block.reason) for block in blocks_in(PAGE)]
    assert found == [(4, "python", ""), (10, "console", "it takes all night"), (14, "console", "")]


def test_a_page_runs_in_one_directory(tmp_path: Path) -> None:
    for block in blocks_in(PAGE):
        if not block.reason:
            run_block(block, tmp_path)
    assert (tmp_path / "greet.py").read_text() == 'print("hello")\n'


@pytest.mark.parametrize(
    ("session", "problem"),
    [
        ("$ false\n", "ended with status 1"),
        ("$ echo one\ntwo\n", "but says\none"),
        ("$ false\n$ echo $?\n0\n", "but says\n1"),
    ],
)
def test_a_session_that_goes_otherwise_than_shown_fails(session: str, problem: str, tmp_path: Path) -> None:
    (block,) = blocks_in(f"```console\n{session}```\n")
    with pytest.raises(BlockFailed, match=problem):
        run_block(block, tmp_path)


def test_a_script_that_fails_is_reported_with_its_line(tmp_path: Path) -> None:
    (block,) = blocks_in("\n\n```python\n1 / 0\n```\n")
    with pytest.raises(BlockFailed, match=r"line 3: (?s:.*)ZeroDivisionError"):
        run_block(block, tmp_path)


def test_commands_continue_on_lines_that_say_so() -> None:
    first, second = commands_in("$ echo one \\\n> two\none two\n$ true\n")
    assert first == ("echo one \\\ntwo", "one two", False)
    assert second == ("true", None, False)


@pytest.mark.parametrize(
    ("shown", "output", "expected"),
    [
        ("one\ntwo", "one\ntwo\n", True),
        ("one\n...", "one\ntwo\nthree\n", True),
        ("...\nthree", "one\ntwo\nthree\n", True),
        ("took ... seconds", "took 0.3 seconds\n", True),
        ("one", "one\ntwo\n", False),
        ("a.c", "abc\n", False),
    ],
)
def test_dots_stand_for_anything_and_all_else_for_itself(shown: str, output: str, expected: bool) -> None:
    assert matches(shown, output) is expected
