"""WDL holds to what people may expect of any workflow language."""

from __future__ import annotations

import pytest

from toil_core.testing import WorkflowLanguageContract
from toil_core.testing.workflow_language import Document, Documents, Placed

_STEP = """
task {name} {{
  input {{ {inputs} }}
  command <<<
    echo ran >> "@HERE@/ran/{name}"
    {command}
  >>>
  output {{ {outputs} }}
}}
"""


def _task(name: str, command: str, inputs: str = "", outputs: str = "") -> str:
    return _STEP.format(name=name, inputs=inputs, command=command, outputs=outputs)


_FIRST = _task("first", "echo hello", outputs="String said = read_string(stdout())")
_SECOND = _task("second", 'echo "~{said}" > said.txt', "String said", 'File file = "said.txt"')
_CALLS = "  call first\n  call second { input: said = first.said }\n"


def _document(*parts: str) -> str:
    return "\n".join(["version 1.1", *parts])


class TestWdl(WorkflowLanguageContract):
    """WDL, without containers."""

    @pytest.fixture
    def documents(self) -> Documents:
        """Return one document for each thing that can happen."""
        both = f"workflow both {{\n{_CALLS}  output {{ File file = second.file }}\n}}"
        success = Document(
            {"both.wdl": _document(_FIRST, _SECOND, both)},
            "both.wdl",
            options=("--container", "none"),
            ran={"first": 1, "second": 1},
            stdout=('"both.file"',),
            outputs={"said.txt": "hello\n"},
        )
        failing = _task("failing", "echo my trouble >&2; exit 7", outputs="Int n = 1")
        after = _task("after", "true", "Int n")
        repairable = _task("repairable", '[ -e "@HERE@/repaired" ]', "String said", "Int n = 1")
        typed = "workflow typed {\n  input { Int number  String word }\n  output { Int n = number }\n}"
        return Documents(
            success=success,
            failing_step=Document(
                {
                    "fails.wdl": _document(
                        failing, after, "workflow fails {\n  call failing\n  call after { input: n = failing.n }\n}"
                    )
                },
                "fails.wdl",
                options=("--container", "none"),
                ran={"failing": 1},
                stderr=("fails.failing", "my trouble", "status 7"),
            ),
            missing_input=Document(
                {"typed.wdl": _document(typed), "in.json": '{"typed.numbre": 1}'},
                "typed.wdl",
                ["in.json"],
                stderr=("typed.number (Int)", "typed.word (String)", "typed.numbre"),
            ),
            invalid=Document({"bad.wdl": _document("", "workflow bad {", "  Int n = [1]", "}")}, "bad.wdl", line=4),
            file_output=success,
            restarted=Document(
                {
                    "again.wdl": _document(
                        _FIRST,
                        repairable,
                        "workflow again {\n  call first\n  call repairable { input: said = first.said }\n}",
                    )
                },
                "again.wdl",
                options=("--container", "none"),
                ran={"first": 1, "repairable": 2},
            ),
        )

    def command(self, placed: Placed, *more: str) -> list[str]:
        """Return the command of the language."""
        document = placed.document
        options = ["--retryCount", "0", "--jobStore", "file:store", *document.options, *more]
        return ["wdl", document.main, *map(placed.fill, document.arguments), *options]


class TestWdlByRun(TestWdl):
    """The same, by `toil run`."""

    def command(self, placed: Placed, *more: str) -> list[str]:
        """Return the command that runs workflows of all languages."""
        return ["run", *super().command(placed, *more)[1:]]
