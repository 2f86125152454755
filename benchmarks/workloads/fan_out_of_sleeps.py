"""Many jobs that do nothing for a hundredth of a second each, and one that adds up what was promised of them."""

import time

from toil.common import Toil
from toil.job import Job

NEEDS = {"memory": "256M", "cores": 1, "disk": "1M"}


def root(job, count):
    squares = [job.addChildJobFn(square, number, **NEEDS).rv() for number in range(count)]
    return job.addFollowOnFn(total, squares, **NEEDS).rv()


def square(job, number):
    time.sleep(0.01)
    return number * number


def total(squares):
    return sum(squares)


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--count", type=int, default=500)
    options = parser.parse_args()
    options.clean = "always"
    with Toil(options) as toil:
        found = toil.start(Job.wrapJobFn(root, options.count, **NEEDS))
        assert found == sum(number * number for number in range(options.count))
        print(found)
