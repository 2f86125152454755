"""Checkpoints: when a job fails for good, the nearest checkpoint above it that has tries left runs again, after all
that it had made is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from toil_core.leader.job_graph import Enclosure, JobGraph, Node

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.leader.failures import FailureLog
    from toil_core.leader.services import Services


class Checkpoints:
    """Decides which checkpoints run again, and makes room for that."""

    def __init__(self, job_store: AbstractJobStore, graph: JobGraph, services: Services, failures: FailureLog) -> None:
        self._job_store = job_store
        self._graph = graph
        self._services = services
        self._failures = failures
        #: Checkpoints that will run again as soon as nothing beneath them runs any more.
        self.pending: list[Enclosure] = []

    def to_rescue(self, failed: Node) -> Enclosure | None:
        """Return the checkpoint that is to run again since a job beneath it has failed for good, or None.

        Nothing beneath it is to be issued from now on; what runs there has to be stopped by the caller.
        """
        for enclosure in reversed(failed.enclosures):
            owner = enclosure.owner
            if not enclosure.is_checkpoint or owner is failed:
                continue
            if enclosure.over:
                return None
            if owner.description.remainingTryCount > 1:
                owner.description.remainingTryCount -= 1
                enclosure.over = True
                self._services.abandon(enclosure)
                self.pending.append(enclosure)
                return enclosure
        return None

    def run_again(self, issued: Iterable[Node]) -> list[Node]:
        """Return the checkpoints beneath which nothing runs any more, each as if it had never run."""
        if not self.pending:
            return []
        busy = {enclosure for node in issued for enclosure in node.enclosures}
        clear = [enclosure for enclosure in self.pending if enclosure not in busy]
        self.pending = [enclosure for enclosure in self.pending if enclosure in busy]
        return [self._undone(enclosure) for enclosure in clear]

    def _undone(self, enclosure: Enclosure) -> Node:
        checkpoint = enclosure.owner
        self._failures.forget(enclosure.segments)
        self._services.forget(enclosure)
        self._graph.forget(lambda node: node.description.segment in enclosure.segments)
        # From here on a restart runs the checkpoint again, too; what it had made cannot be reached any more.
        self._job_store.forget_record(checkpoint.id)
        outer = checkpoint.enclosures[: checkpoint.enclosures.index(enclosure)]
        checkpoint.enclosures = (*outer, Enclosure(checkpoint, is_checkpoint=True))
        checkpoint.description.serviceTree = {}
        self._graph.run_again(checkpoint)
        return checkpoint
