"""Many small job functions, and one that adds up what was promised of them."""

from toil.common import Toil
from toil.job import Job


def root(job, count):
    squares = [job.addChildJobFn(square, number, memory="64M", cores=1, disk="1M").rv() for number in range(count)]
    return job.addFollowOnFn(total, squares).rv()


def square(job, number):
    return number * number


def total(squares):
    return sum(squares)


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    options.clean = "always"
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(root, options.count)))
