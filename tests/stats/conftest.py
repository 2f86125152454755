"""Workflows to gather statistics of are run as they are to be looked at from outside."""

from __future__ import annotations

from tests.inspection.conftest import Script, commit, save, script, store

__all__ = ["Script", "commit", "save", "script", "store"]
