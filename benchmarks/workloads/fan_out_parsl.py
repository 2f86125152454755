"""The fan-out of `fan_out.py` in Parsl with its HighThroughputExecutor and two workers."""

import sys

import parsl
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider


@parsl.python_app
def square(number):
    return number * number


if __name__ == "__main__":
    executor = HighThroughputExecutor(
        address="127.0.0.1", max_workers_per_node=2, provider=LocalProvider(init_blocks=1, max_blocks=1)
    )
    with parsl.load(Config(executors=[executor], run_dir=sys.argv[2])):
        print(sum(one.result() for one in [square(number) for number in range(int(sys.argv[1]))]))
