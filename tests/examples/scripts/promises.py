"""A promise stands for what a job will return, or for a part of it: by index, by key, by slice, and inside of those."""

from toil.common import Toil
from toil.job import Job


def measure(job):
    return {"name": "probe", "points": [3, 1, 4, 1, 5], "range": (1, 5)}


def report(name, first, some, high):
    return f"{name}: first {first}, some {some}, highest {high}"


def plan(job):
    measured = job.addChildJobFn(measure)
    return job.addFollowOnFn(
        report,
        measured.rv("name"),
        measured.rv("points", 0),
        some=measured.rv("points", slice(1, 4)),
        high=measured.rv("range", 1),
    ).rv()


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(plan)))
