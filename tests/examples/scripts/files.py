"""Files in a job: temporary ones, files in the job store that other jobs read, streams, and programs."""

import os
import subprocess

from toil.common import Toil
from toil.job import Job


def write(job):
    # Temporary files and directories are gone when the job has ended.
    scratch = job.fileStore.getLocalTempFile()
    with open(scratch, "w") as stream:
        stream.write("first line\n")
    text = job.fileStore.writeGlobalFile(scratch)

    with job.fileStore.writeGlobalFileStream(encoding="utf-8") as (stream, streamed):
        stream.write("an easy über-stream\n")

    program = os.path.join(job.fileStore.getLocalTempDir(), "program")
    with open(program, "w") as stream:
        stream.write("#!/bin/sh\necho run by $1\n")
    os.chmod(program, 0o755)
    return text, streamed, job.fileStore.writeGlobalFile(program)


def read(job, text, streamed, program):
    found = []
    path = os.path.join(job.tempDir, "copy.txt")
    assert job.fileStore.readGlobalFile(text, userPath=path) == path
    with open(path) as stream:
        found.append(stream.read())
    with job.fileStore.readGlobalFileStream(streamed, encoding="utf-8") as stream:
        found.append(stream.read())
    # A file keeps whether it may be executed.
    local = job.fileStore.readGlobalFile(program, symlink=False)
    found.append(subprocess.check_output([local, "a job"], text=True))

    # A copy that may be changed, and a file that is no longer needed.
    mine = job.fileStore.readGlobalFile(text, mutable=True)
    with open(mine, "a") as stream:
        stream.write("second line\n")
    found.append(str(os.path.getsize(mine) - text.size) + " bytes more\n")
    job.fileStore.deleteGlobalFile(text)
    return "".join(found)


def plan(job):
    files = job.addChildJobFn(write)
    return job.addFollowOnJobFn(read, files.rv(0), files.rv(1), files.rv(2)).rv()


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(plan)), end="")
