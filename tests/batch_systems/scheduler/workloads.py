"""Workflows that show what becomes of many short jobs on a scheduler."""

from __future__ import annotations

#: So many short jobs, and the sum of their numbers.
FAN = """
def short(number):
    note(f"short {number}")
    return number

def total(numbers):
    return sum(numbers)

def fan(job, count):
    numbers = [job.addChildFn(short, number).rv() for number in range(count)]
    return job.addFollowOnFn(total, numbers).rv()

def root():
    return Job.wrapJobFn(fan, %d)
"""


def fan_in_which(count: int, happens: str) -> str:
    """Return a fan of jobs in which something happens before a job returns its number.

    :param happens: lines of Python, indented as the body of the function is.
    """
    return (FAN % count).replace("    return number\n", f"{happens}    return number\n", 1)


def fan_with_a_long_job(count: int, which: int) -> str:
    """Return a fan of which one job, that with this number, goes on until all others have begun."""
    return fan_in_which(
        count,
        f"""    if number == {which}:
        until = time.monotonic() + 60
        while open(os.environ["NOTES"]).read().count("short") < {count} and time.monotonic() < until:
            time.sleep(0.1)
        note("others were done" if time.monotonic() < until else "others had to wait")
""",
    )
