"""Children run after their parent and beside each other; a follow-on runs after the children and all that they added.

Each job writes its name to a file, so that one can see the order.
"""

import os

from toil.common import Toil
from toil.job import Job


def write(name, path):
    with open(path, "a") as trace:
        trace.write(name + "\n")


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--trace", default="trace.txt", help="The file to write the names of jobs to.")
    options = parser.parse_args()
    trace = os.path.abspath(options.trace)

    # A diamond: top, then left and right in any order, then bottom, which is a child of both; at last a follow-on.
    top = Job.wrapFn(write, "top", trace)
    left = top.addChildFn(write, "left", trace)
    right = top.addChildFn(write, "right", trace)
    bottom = left.addChildFn(write, "bottom", trace)
    right.addChild(bottom)
    top.addFollowOnFn(write, "end", trace)

    with Toil(options) as toil:
        toil.start(top)
