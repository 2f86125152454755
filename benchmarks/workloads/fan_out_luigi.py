"""The fan-out of `fan_out.py` in luigi: a file for each result, two worker processes."""

import sys
import tempfile
from pathlib import Path

import luigi

DIRECTORY = Path(tempfile.mkdtemp())


class Square(luigi.Task):
    number = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(DIRECTORY / f"{self.number}")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(self.number**2))


class Total(luigi.Task):
    count = luigi.IntParameter()

    def requires(self):
        return [Square(number=number) for number in range(self.count)]

    def output(self):
        return luigi.LocalTarget(DIRECTORY / "total")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(sum(int(Path(one.path).read_text()) for one in self.input())))


if __name__ == "__main__":
    luigi.build([Total(count=int(sys.argv[1]))], local_scheduler=True, workers=2, log_level="WARNING")
    print((DIRECTORY / "total").read_text())
