"""The smallest workflow: one function, run as one job."""

from toil.common import Toil
from toil.job import Job


def greet(name):
    return f"Hello, {name}!"


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print(toil.start(Job.wrapFn(greet, "world")))
