"""A job function gets its job as the first argument, and with it the log, the file store and new jobs."""

from toil.common import Toil
from toil.job import Job


def greet(job, name, times=1):
    for number in range(times):
        job.log(f"Greeting {name}, {number + 1} of {times}")
    return times


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print("Greetings:", toil.start(Job.wrapJobFn(greet, "Ada", times=3)))
