"""The smallest workflow: one job."""

from toil.common import Toil
from toil.job import Job


def hello(message):
    return f"Hello, {message}"


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    options.clean = "always"
    with Toil(options) as toil:
        print(toil.start(Job.wrapFn(hello, "world")))
