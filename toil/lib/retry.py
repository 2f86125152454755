"""Retries of functions that fail in ways that may pass, under their documented path."""

from toil_core.retrying import DEFAULT_INTERVALS, ErrorCondition, retry

__all__ = ["DEFAULT_INTERVALS", "ErrorCondition", "retry"]
