"""A job as a class of its own: what it needs goes to Job.__init__, what it does into run()."""

from toil.common import Toil
from toil.job import Job


class Multiply(Job):
    def __init__(self, left, right):
        super().__init__(memory="200M", cores=1, disk="100M")
        self.left = left
        self.right = right

    def run(self, fileStore):
        fileStore.logToMaster(f"Multiplying {self.left} by {self.right}")
        return self.left * self.right


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print("6 * 7 =", toil.start(Multiply(6, 7)))
