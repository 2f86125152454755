"""Job functions one after the other, each the only child of the one before."""

from toil.common import Toil
from toil.job import Job


def link(job, left):
    if left > 1:
        return job.addChildJobFn(link, left - 1).rv()
    return "end"


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    options.clean = "always"
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(link, options.count)))
