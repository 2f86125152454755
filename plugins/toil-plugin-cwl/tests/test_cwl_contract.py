"""CWL does what every workflow language has to do."""

from __future__ import annotations

from textwrap import dedent

import pytest

from toil_core.testing.workflow_language import Document, Documents, Placed, WorkflowLanguageContract


def tool(name: str, command: str, then: str = "") -> str:
    """Return a tool that notes that it ran, and does something.

    :param then: more lines of the description.
    """
    return dedent(
        f"""
        cwlVersion: v1.2
        class: CommandLineTool
        baseCommand: [sh, -c, "echo x >> '@HERE@/ran/{name}'; {command}"]
        inputs:
          before: Any?
        outputs:
          out: stdout
        stdout: {name}.txt
        """
    ).lstrip() + dedent(then)


def workflow(*steps: str) -> str:
    """Return a workflow whose steps run tools of their own name, one after the other."""
    lines = ["cwlVersion: v1.2", "class: Workflow", "inputs: {}", "outputs:", "  result:", "    type: File"]
    lines += [f"    outputSource: {steps[-1]}/out", "steps:"]
    for before, step in zip((None, *steps), steps, strict=False):
        inputs = f"{{before: {before}/out}}" if before else "{}"
        lines += [f"  {step}:", f"    run: {step}.cwl", f"    in: {inputs}", "    out: [out]"]
    return "\n".join(lines) + "\n"


SUCCESS = Document(
    files={
        "two.cwl": workflow("first", "second"),
        "first.cwl": tool("first", "echo 1"),
        "second.cwl": tool("second", "echo 2"),
    },
    main="two.cwl",
    ran={"first": 1, "second": 1},
    stdout=['"basename": "second.txt"'],
    outputs={"second.txt": "2\n"},
)
FAILING = Document(
    files={
        "fails.cwl": workflow("good", "bad", "never"),
        "good.cwl": tool("good", "echo fine"),
        "bad.cwl": tool("bad", "echo the disk of doom >&2; exit 7"),
        "never.cwl": tool("never", "echo never"),
    },
    main="fails.cwl",
    ran={"good": 1, "bad": 1},
    stderr=["bad", "the disk of doom", "exited with status 7"],
)
MISSING = Document(
    files={
        "greets.cwl": "cwlVersion: v1.2\nclass: CommandLineTool\n"
        "baseCommand: [sh, -c, \"echo x >> '@HERE@/ran/greets'\"]\ninputs:\n  whom: string\noutputs: {}\n"
    },
    main="greets.cwl",
    stderr=["whom"],
)
INVALID = Document(
    files={
        "wrong.cwl": "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: echo\ninputs:\n  a: strang\noutputs: []\n"
    },
    main="wrong.cwl",
    line=5,
)
RESTARTED = Document(
    files={
        "restarts.cwl": workflow("early", "late"),
        "early.cwl": tool("early", "echo early"),
        "late.cwl": tool("late", "test -e '@HERE@/repaired' && echo late"),
    },
    main="restarts.cwl",
    ran={"early": 1, "late": 2},
    outputs={"late.txt": "late\n"},
)


class TestCwl(WorkflowLanguageContract):
    """Through `toil cwl`."""

    @pytest.fixture
    def documents(self) -> Documents:
        """Return the documents that the contract runs."""
        return Documents(
            success=SUCCESS,
            failing_step=FAILING,
            missing_input=MISSING,
            invalid=INVALID,
            file_output=SUCCESS,
            restarted=RESTARTED,
        )

    def command(self, placed: Placed, *more: str) -> list[str]:
        """Return what comes after `toil` to run a document."""
        document = placed.document
        arguments = [placed.fill(argument) for argument in document.arguments]
        options = ["--jobStore", "file:store", "--retryCount", "0", *document.options, *more]
        return ["cwl", *options, document.main, *arguments]


class TestCwlThroughRun(TestCwl):
    """Through `toil run`, which knows the language by the document's name."""

    def command(self, placed: Placed, *more: str) -> list[str]:
        """Return what comes after `toil` to run a document."""
        return ["run", *super().command(placed, *more)[1:]]
