"""A workflow of services beneath checkpoints: each service is a process of its own that its clients really talk to.

Every job but the services' own and the checkpoints, which may run again after they were committed, appends its ID to
the file that RUN_LOG names the moment it starts.
"""

import os
import socket
import subprocess
import sys
import time

from toil.common import Toil
from toil.job import Job

SERVER = """
import socket
with socket.socket() as server:
    server.bind(("127.0.0.1", 0))
    server.listen()
    print(server.getsockname()[1], flush=True)
    while True:
        connection, _ = server.accept()
        with connection:
            connection.sendall(connection.recv(100)[::-1])
"""


class Reverser(Job.Service):
    """Turns around what it is sent."""

    def __init__(self):
        super().__init__(cores=0.1, memory="32M", disk="1M")

    def start(self, job):
        self.process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
        return int(self.process.stdout.readline())

    def check(self):
        if self.process.poll() is not None:
            raise RuntimeError("the server has died")
        return True

    def stop(self, job):
        self.process.kill()
        self.process.wait()


def note(job):
    with open(os.environ["RUN_LOG"], "a") as log:
        log.write(f"{job.jobStoreID}\n")


def root(job):
    note(job)
    halves = [job.addChildJobFn(half, name, checkpoint=True, cores=0.1, memory="32M") for name in ("abc", "xyz")]
    return job.addFollowOnJobFn(collect, [one.rv() for one in halves]).rv()


def half(job, name):
    port = job.addService(Reverser())
    first = job.addChildJobFn(ask, port, name, cores=0.1, memory="32M")
    second = first.addFollowOnJobFn(ask, port, first.rv(), cores=0.1, memory="32M")
    return [first.rv(), second.rv()]


def ask(job, port, text):
    note(job)
    time.sleep(0.05)
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(text.encode())
        return client.recv(100).decode()


def collect(job, results):
    note(job)
    with job.fileStore.writeGlobalFileStream() as (stream, file_id):
        stream.write(repr(results).encode())
    return file_id


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    options.servicePollingInterval = 0.1
    with Toil(options) as toil:
        result = toil.restart() if options.restart else toil.start(Job.wrapJobFn(root))
        toil.exportFile(result, "file://" + os.environ["RESULT"])
