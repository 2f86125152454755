"""Functions for jobs, in a module beside the script."""

from toil.job import Job


def triple(number):
    return 3 * number


class Half(Job):
    def __init__(self, number):
        super().__init__(memory="100M", disk="10M")
        self.number = number

    def run(self, fileStore):
        return self.number / 2
