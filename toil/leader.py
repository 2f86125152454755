"""What a workflow raises when jobs failed, under its documented path."""

from toil_core.leader.errors import FailedJobsException

__all__ = ["FailedJobsException"]
