"""What a scheduler can be told to do wrong, so that it can be seen what a batch system makes of it."""

from __future__ import annotations


class Faults:
    """Remote control of a scheduler, usually a simulated one; derive from it and write what yours can be told.

    Each method acts on the scheduler at once. What is not overridden cannot be told, and the clauses on it are skipped.
    """

    def down(self) -> None:
        """Let all of the scheduler's commands fail as they do when it does not answer; its jobs go on."""
        raise NotImplementedError

    def up(self) -> None:
        """Let it answer again."""
        raise NotImplementedError

    def flap(self) -> None:
        """Let the next few answers be untrue: jobs are left out of them, or are in another state than they were in."""
        raise NotImplementedError

    def forget(self) -> None:
        """End the processes of all jobs, and remove every trace of these jobs, also from any record of the past."""
        raise NotImplementedError

    def end_for_memory(self) -> None:
        """End all jobs that run as if they had used too much memory."""
        raise NotImplementedError

    def end_for_time(self) -> None:
        """End all jobs that run as if their time was up."""
        raise NotImplementedError

    def lose_node(self) -> None:
        """End all jobs that run as if their machines had failed."""
        raise NotImplementedError

    def fill(self) -> None:
        """Let there be no room for more jobs."""
        raise NotImplementedError

    def make_room(self) -> None:
        """Let there be room again."""
        raise NotImplementedError

    def refuse(self) -> str:
        """Refuse all submissions from now on.

        :returns: words that the scheduler says about it, of which a report of the failure has to quote some.
        """
        raise NotImplementedError

    def calls(self) -> int:
        """Return how many commands the scheduler has been sent so far."""
        raise NotImplementedError

    @classmethod
    def can(cls, name: str) -> bool:
        """Return whether the scheduler can be told this.

        :param name: the name of the method.
        """
        return getattr(cls, name) is not getattr(Faults, name)
