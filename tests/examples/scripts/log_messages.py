"""What a job logs for people to see at the leader, and what stays in the log of the job."""

import logging

from toil.common import Toil
from toil.job import Job


def talk(job):
    job.log("seen at the default level")
    job.log("seen with --logDebug only", level=logging.DEBUG)
    job.fileStore.logToMaster("a warning for everybody", level=logging.WARNING)
    print("printed by the job")


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        toil.start(Job.wrapJobFn(talk))
