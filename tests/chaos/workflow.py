"""A workflow with everything that could be lost: a DAG made partly at run time, promises, files, deferred functions.

Every job appends its ID to the file that RUN_LOG names the moment it starts, so that a test can tell which jobs ran in
which session.
"""

import os

from toil.common import Toil
from toil.job import Job


def note(job):
    with open(os.environ["RUN_LOG"], "a") as log:
        log.write(f"{job.jobStoreID}\n")


def root(job, width, depth):
    note(job)
    branches = [job.addChildJobFn(branch, number, depth) for number in range(width)]
    return job.addFollowOnJobFn(collect, [one.rv() for one in branches]).rv()


def branch(job, number, depth):
    note(job)
    job.defer(remove, os.path.join(os.environ["SCRATCH"], f"deferred-{number}"))
    with open(os.path.join(os.environ["SCRATCH"], f"deferred-{number}"), "w") as file:
        file.write("to be removed")
    with job.fileStore.writeGlobalFileStream() as (stream, file_id):
        stream.write(f"branch {number}\n".encode())
    left = job.addChildJobFn(leaf, number, 1)
    right = job.addChildJobFn(leaf, number, 2)
    both = left.addChildJobFn(join, [left.rv(), right.rv()])
    right.addChild(both)
    if depth > 0:
        deeper = job.addFollowOnJobFn(branch, number * 10, depth - 1)
        return job.addFollowOnJobFn(add, both.rv(), 0, file_id).rv() if number % 2 else deeper.rv()
    return job.addFollowOnJobFn(add, both.rv(), 1, file_id).rv()


def leaf(job, number, factor):
    note(job)
    return number * factor


def join(job, values):
    note(job)
    return sum(values)


def add(job, value, extra, file_id):
    note(job)
    with job.fileStore.readGlobalFileStream(file_id) as stream:
        text = stream.read().decode()
    job.fileStore.deleteGlobalFile(file_id)
    return {"sum": value + extra, "text": text}


def collect(job, results):
    note(job)
    path = job.fileStore.getLocalTempFile()
    with open(path, "w") as file:
        for result in results:
            file.write(f"{result['sum']} {result['text']}")
    return job.fileStore.writeGlobalFile(path)


def remove(path):
    if os.path.exists(path):
        os.unlink(path)


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        if options.restart:
            result = toil.restart()
        else:
            result = toil.start(Job.wrapJobFn(root, 4, 1))
        toil.exportFile(result, "file://" + os.environ["RESULT"])
