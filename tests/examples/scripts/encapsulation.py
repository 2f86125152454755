"""An encapsulated job stands for itself and all its successors: what is added to it runs after all of them."""

import os

from toil.common import Toil
from toil.job import Job


def write(name, path):
    with open(path, "a") as trace:
        trace.write(name + "\n")
    return name


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--trace", default="trace.txt", help="The file to write the names of jobs to.")
    options = parser.parse_args()
    trace = os.path.abspath(options.trace)

    first = Job.wrapFn(write, "first", trace)
    first.addChildFn(write, "child", trace)
    first.addFollowOnFn(write, "follow-on", trace)
    whole = first.encapsulate()
    whole.addChildFn(write, "after the whole", trace)

    with Toil(options) as toil:
        print("The whole returned:", toil.start(whole))
