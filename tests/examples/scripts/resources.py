"""What a job needs, said where it is added, or in the signature of its function."""

from toil.common import Toil
from toil.job import Job


def in_signature(job, memory="300M", cores=0.5, disk="40M"):
    return job.memory, job.cores, job.disk


def anywhere(job):
    return job.memory, job.cores, job.disk


def plan(job):
    return {
        "signature": job.addChildJobFn(in_signature, cores=0.5).rv(),
        "added with": job.addChildJobFn(anywhere, memory="1 KiB", cores="0.5", disk=2048).rv(),
        "defaults": job.addChildJobFn(anywhere).rv(),
    }


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        for name, (memory, cores, disk) in toil.start(Job.wrapJobFn(plan)).items():
            print(f"{name}: memory {memory}, cores {cores}, disk {disk}")
