"""A script's own arguments beside Toil's, with argparse."""

from argparse import ArgumentParser

from toil.common import Toil
from toil.job import Job


def repeat(text, times):
    return " ".join([text] * times)


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    Job.Runner.addToilOptions(parser)
    parser.add_argument("--text", default="again")
    parser.add_argument("--times", type=int, default=2)
    options = parser.parse_args()
    with Toil(options) as toil:
        print(toil.start(Job.wrapFn(repeat, options.text, options.times)))
