"""Sorts the lines of a file in parallel: halves it until the pieces are small, sorts these, and merges upwards."""

import heapq
import os
from contextlib import ExitStack

from toil.common import Toil
from toil.job import Job


def sort(job, file_id, piece):
    """Sort a file: at once if it has at most `piece` bytes, else as two halves that are merged afterwards."""
    if file_id.size <= piece:
        return job.addChildJobFn(sort_at_once, file_id, memory="100M", disk=needed(file_id.size)).rv()
    halves = job.addChildJobFn(split, file_id, memory="100M", disk=needed(file_id.size))
    return halves.addFollowOnJobFn(sort_halves, halves.rv(), piece, memory="100M", disk="10M").rv()


def sort_halves(job, halves, piece):
    ordered = [job.addChildJobFn(sort, half, piece, memory="100M", disk="10M").rv() for half in halves]
    size = sum(half.size for half in halves)
    return job.addFollowOnJobFn(merge, ordered, halves, memory="100M", disk=needed(size)).rv()


def sort_at_once(job, file_id):
    with open(job.fileStore.readGlobalFile(file_id), "rb") as source:
        lines = sorted(source)
    with job.fileStore.writeGlobalFileStream() as (target, ordered):
        target.writelines(lines)
    return ordered


def split(job, file_id):
    """Cut a file in two, at the end of the line in the middle."""
    ids = []
    with open(job.fileStore.readGlobalFile(file_id), "rb") as source:
        for end in (file_id.size // 2, file_id.size):
            path = job.fileStore.getLocalTempFile()
            with open(path, "wb") as target:
                while source.tell() < end:
                    target.write(source.readline())
            ids.append(job.fileStore.writeGlobalFile(path))
    return ids


def merge(job, ordered, unordered):
    """Merge files that are in order, and delete what they and their merger were made from."""
    path = job.fileStore.getLocalTempFile()
    with ExitStack() as stack:
        sources = [stack.enter_context(open(job.fileStore.readGlobalFile(file_id), "rb")) for file_id in ordered]
        target = stack.enter_context(open(path, "wb"))
        target.writelines(heapq.merge(*sources))
    for file_id in [*ordered, *unordered]:
        job.fileStore.deleteGlobalFile(file_id)
    return job.fileStore.writeGlobalFile(path)


def needed(size):
    """Return the disk for reading and writing a file of a size, in bytes."""
    return 2 * size + 1024 * 1024


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--input", required=True, help="The file to sort.")
    parser.add_argument("--output", required=True, help="Where to put the sorted lines.")
    parser.add_argument("--piece", type=int, default=64 * 1024, help="The bytes that one job sorts by itself.")
    options = parser.parse_args()
    with Toil(options) as toil:
        if options.restart:
            sorted_id = toil.restart()
        else:
            input_id = toil.importFile("file://" + os.path.abspath(options.input))
            sorted_id = toil.start(Job.wrapJobFn(sort, input_id, options.piece, memory="100M", disk="10M"))
        toil.exportFile(sorted_id, "file://" + os.path.abspath(options.output))
    print(f"Sorted {os.path.getsize(options.output):,} bytes into {options.output}")
