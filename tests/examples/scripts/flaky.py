"""A job that fails twice before it succeeds: --retryCount says how often a job may be tried again."""

import os

from toil.common import Toil
from toil.job import Job


def flaky(path):
    with open(path, "a") as attempts:
        attempts.write("attempt\n")
    with open(path) as attempts:
        number = len(attempts.readlines())
    if number < 3:
        raise OSError(f"the network is down, attempt {number}")
    return number


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--attempts", default="attempts.txt", help="The file to count attempts in.")
    options = parser.parse_args()
    with Toil(options) as toil:
        print("Attempts:", toil.start(Job.wrapFn(flaky, os.path.abspath(options.attempts))))
