"""Python as a workflow language keeps the contract of languages."""

from __future__ import annotations

from toil_core.testing.python_kit import TestPython

__all__ = ["TestPython"]
