"""Jobs and their kin, under their documented path."""

from toil_core.jobs.description import JobDescription, TemporaryID
from toil_core.jobs.encapsulation import EncapsulatedJob
from toil_core.jobs.errors import JobException, JobGraphDeadlockException, JobPromiseConstraintError
from toil_core.jobs.functions import FunctionWrappingJob, JobFunctionWrappingJob
from toil_core.jobs.job import Job
from toil_core.jobs.promises import Promise, PromisedRequirement
from toil_core.jobs.requirements import AcceleratorRequirement, Requirer, parse_accelerator

__all__ = [
    "AcceleratorRequirement",
    "EncapsulatedJob",
    "FunctionWrappingJob",
    "Job",
    "JobDescription",
    "JobException",
    "JobFunctionWrappingJob",
    "JobGraphDeadlockException",
    "JobPromiseConstraintError",
    "Promise",
    "PromisedRequirement",
    "Requirer",
    "TemporaryID",
    "parse_accelerator",
]
