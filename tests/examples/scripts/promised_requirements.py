"""What a job needs, worked out from what earlier jobs return: one promise, a function of one, a function of several."""

from toil.common import Toil
from toil.job import Job, PromisedRequirement

MIB = 1024 * 1024


def download(job, mebibytes):
    path = job.fileStore.getLocalTempFile()
    with open(path, "wb") as stream:
        stream.write(bytes(mebibytes * MIB))
    file_id = job.fileStore.writeGlobalFile(path)
    return file_id, file_id.size


def tell(job):
    return {"disk": job.disk // MIB, "memory": job.memory // MIB}


def plan(job):
    first = job.addChildJobFn(download, 1, disk="20Mi", memory="100Mi")
    second = job.addChildJobFn(download, 2, disk="20Mi", memory="100Mi")
    sizes = [first.rv(1), second.rv(1)]
    as_large = job.addFollowOnJobFn(tell, disk=PromisedRequirement(first.rv(1)), memory="100Mi")
    thrice = job.addFollowOnJobFn(tell, disk=PromisedRequirement(lambda size: 3 * size, second.rv(1)), memory="100Mi")
    together = job.addFollowOnJobFn(
        tell,
        disk=PromisedRequirement(lambda one, other: 10 * MIB + one + other, *sizes),
        memory=PromisedRequirement(max, 50 * MIB, second.rv(1)),
    )
    return {"as large": as_large.rv(), "thrice": thrice.rv(), "together": together.rv()}


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        for name, needs in toil.start(Job.wrapJobFn(plan)).items():
            print(f"{name}: {needs['disk']} MiB of disk, {needs['memory']} MiB of memory")
