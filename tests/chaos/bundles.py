"""Short jobs, enough of them to be run in bundles, each with a file of its own, and what came after them.

Every job appends its ID to the file that RUN_LOG names the moment it starts, so that a test can tell which jobs ran in
which session.
"""

import os

from toil.common import Toil
from toil.job import Job


def note(job):
    with open(os.environ["RUN_LOG"], "a") as log:
        log.write(f"{job.jobStoreID}\n")


def root(job, count):
    note(job)
    written = [job.addChildJobFn(write, number, cores=1, memory="10M").rv() for number in range(count)]
    return job.addFollowOnJobFn(collect, written).rv()


def write(job, number):
    note(job)
    with job.fileStore.writeGlobalFileStream() as (stream, file_id):
        stream.write(f"{number}\n".encode())
    return job.addChildJobFn(check, file_id, number).rv() if number % 3 == 0 else file_id


def check(job, file_id, number):
    note(job)
    with job.fileStore.readGlobalFileStream(file_id) as stream:
        assert int(stream.read()) == number
    return file_id


def collect(job, files):
    note(job)
    path = job.fileStore.getLocalTempFile()
    with open(path, "wb") as whole:
        for file_id in files:
            with job.fileStore.readGlobalFileStream(file_id) as stream:
                whole.write(stream.read())
    return job.fileStore.writeGlobalFile(path)


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        if options.restart:
            result = toil.restart()
        else:
            result = toil.start(Job.wrapJobFn(root, 150))
        toil.exportFile(result, "file://" + os.environ["RESULT"])
