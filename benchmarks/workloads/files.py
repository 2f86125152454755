"""Jobs that write a mebibyte each, and one that reads them all."""

import os

from toil.common import Toil
from toil.job import Job

SIZE = 1 << 20


def root(job, count):
    written = [job.addChildJobFn(write, number, memory="64M", cores=1, disk="4M").rv() for number in range(count)]
    return job.addFollowOnJobFn(read, written, memory="64M", cores=1, disk="100M").rv()


def write(job, number):
    path = job.fileStore.getLocalTempFile()
    with open(path, "wb") as file:
        file.write(bytes([number % 256]) * SIZE)
    return job.fileStore.writeGlobalFile(path)


def read(job, files):
    return sum(os.path.getsize(job.fileStore.readGlobalFile(one)) for one in files)


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--count", type=int, default=50)
    options = parser.parse_args()
    options.clean = "always"
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(root, options.count)))
