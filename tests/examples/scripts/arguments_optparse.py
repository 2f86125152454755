"""A script's own arguments beside Toil's, with optparse, where the job store is the option --jobStore."""

from optparse import OptionParser

from toil.job import Job


def repeat(text, times):
    return " ".join([text] * times)


if __name__ == "__main__":
    parser = OptionParser()
    Job.Runner.addToilOptions(parser)
    parser.add_option("--text", default="again")
    parser.add_option("--times", type="int", default=2)
    options, _ = parser.parse_args()
    print(Job.Runner.startToil(Job.wrapFn(repeat, options.text, options.times), options))
