"""A deferred function runs after its job however the job ended: the place to tidy up what is outside of Toil."""

import os

from toil.common import Toil
from toil.job import Job


def use_outside(job, path, fail):
    with open(path, "w") as stream:
        stream.write("in use")
    job.defer(os.unlink, path)
    if fail:
        raise RuntimeError("failed on purpose")
    return os.path.exists(path)


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--outside", required=True, help="The file to make and to have removed.")
    parser.add_argument("--fail", action="store_true", help="Fail after making it.")
    options = parser.parse_args()
    with Toil(options) as toil:
        print("In use:", toil.start(Job.wrapJobFn(use_outside, os.path.abspath(options.outside), options.fail)))
