"""Jobs whose code is in a module beside the script."""

from helpers import Half, triple

from toil.common import Toil
from toil.job import Job


def plan(job, number):
    tripled = job.addChildFn(triple, number)
    return tripled.addChild(Half(tripled.rv())).rv()


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print("Half of three times 14:", toil.start(Job.wrapJobFn(plan, 14)))
