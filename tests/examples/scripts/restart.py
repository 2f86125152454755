"""A workflow with a mistake in it: run it, correct it, and go on from where it failed with --restart."""

import os

from toil.common import Toil
from toil.job import Job


def note(path, text):
    with open(path, "a") as notes:
        notes.write(text + "\n")


def prepare(path):
    note(path, "prepare")
    return [1, 2, 3]


def average(numbers, path):
    note(path, "average")
    return sum(numbers) / len(numberz)  # noqa: F821


def plan(job, path):
    numbers = job.addChildFn(prepare, path)
    return job.addFollowOnFn(average, numbers.rv(), path).rv()


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--notes", default="notes.txt", help="The file to write the names of jobs to.")
    options = parser.parse_args()
    with Toil(options) as toil:
        if options.restart:
            result = toil.restart()
        else:
            result = toil.start(Job.wrapJobFn(plan, os.path.abspath(options.notes)))
    print("Average:", result)
