"""Files from outside go into the job store before the workflow and come out of it afterwards."""

import os

from toil.common import Toil
from toil.job import Job


def shout(job, file_id):
    with job.fileStore.readGlobalFileStream(file_id, encoding="utf-8") as quiet:
        with job.fileStore.writeGlobalFileStream(encoding="utf-8") as (loud, loud_id):
            for line in quiet:
                loud.write(line.upper())
    return loud_id


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    with Toil(options) as toil:
        if options.restart:
            loud_id = toil.restart()
        else:
            quiet_id = toil.importFile("file://" + os.path.abspath(options.input))
            loud_id = toil.start(Job.wrapJobFn(shout, quiet_id))
        toil.exportFile(loud_id, "file://" + os.path.abspath(options.output))
