"""Counts the words of texts, one job for each text."""

from toil.common import Toil
from toil.job import Job

from .words import words_of


def count(text):
    return len(words_of(text))


def plan(job, texts):
    return job.addFollowOnFn(sum, [job.addChildFn(count, text).rv() for text in texts]).rv()


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--text", action="append", default=[])
    options = parser.parse_args()
    with Toil(options) as toil:
        print("Words:", toil.start(Job.wrapJobFn(plan, options.text)))
