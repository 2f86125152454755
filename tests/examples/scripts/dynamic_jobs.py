"""Jobs that add jobs while they run: a tree that splits until what is left is small."""

from toil.common import Toil
from toil.job import Job


def count(job, low, high):
    """Count the primes from low up to high, in pieces of at most 250 numbers."""
    if high - low <= 250:
        return sum(1 for number in range(low, high) if is_prime(number))
    middle = (low + high) // 2
    halves = [job.addChildJobFn(count, low, middle), job.addChildJobFn(count, middle, high)]
    return job.addFollowOnFn(sum, [half.rv() for half in halves]).rv()


def is_prime(number):
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print("Primes below 2000:", toil.start(Job.wrapJobFn(count, 0, 2000)))
