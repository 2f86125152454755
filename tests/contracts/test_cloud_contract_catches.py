"""Clauses on clouds notice one that is broken in just that clause."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.conftest import Sample
from toil_core.testing import ProvisionerContract

if TYPE_CHECKING:
    from toil_core.provisioning.abstract import AbstractProvisioner as _Provisioner
    from toil_core.provisioning.model import Node, Shape
else:
    _Provisioner = object

NOTICED = (AssertionError, pytest.fail.Exception)


class HasALeaderAlways(_Provisioner):
    """Invents a leader."""

    def getLeader(self) -> Node:
        from toil_core.provisioning.model import Node

        return Node("leader", "small", "127.0.0.1", "127.0.0.1")


class CountsTheLeader(_Provisioner):
    """Takes the leader for a worker."""

    def getProvisionedWorkers(self, instance_type: str | None = None, preemptible: bool | None = None) -> list[Node]:
        leaders = self._nodes("leader")  # type: ignore[attr-defined]
        return [*leaders, *super().getProvisionedWorkers(instance_type, preemptible)]  # type: ignore[safe-super]


class AddsOneLess(_Provisioner):
    """Adds fewer workers than it says."""

    def addNodes(
        self, nodeTypes: Collection[str], numNodes: int, preemptible: bool, spotBid: float | None = None
    ) -> int:
        super().addNodes(nodeTypes, max(0, numNodes - 1), preemptible, spotBid)  # type: ignore[safe-super]
        return numNodes


class AddsAtTheUsualPrice(_Provisioner):
    """Forgets which workers may be taken away."""

    def addNodes(
        self, nodeTypes: Collection[str], numNodes: int, preemptible: bool, spotBid: float | None = None
    ) -> int:
        return super().addNodes(nodeTypes, numNodes, False)  # type: ignore[safe-super]


class ListsAllTypes(_Provisioner):
    """Lists workers of any type."""

    def getProvisionedWorkers(self, instance_type: str | None = None, preemptible: bool | None = None) -> list[Node]:
        return super().getProvisionedWorkers(None, preemptible)  # type: ignore[safe-super]


class TerminatesAll(_Provisioner):
    """Ends every worker."""

    def terminateNodes(self, nodes: Sequence[Node]) -> None:
        super().terminateNodes(self.getProvisionedWorkers())  # type: ignore[safe-super]


class DestroysTheLeaderOnly(_Provisioner):
    """Leaves workers behind."""

    def destroyCluster(self) -> None:
        self._end(self._nodes("leader"))  # type: ignore[attr-defined]


class LaunchesOver(_Provisioner):
    """Takes over a cluster that is there."""

    def launchCluster(self, leaderNodeType: str, owner: str = "", userTags: Mapping[str, str] | None = None) -> None:
        self.destroyCluster()
        super().launchCluster(leaderNodeType, owner, userTags)  # type: ignore[safe-super]


class KnowsAnyType(_Provisioner):
    """Takes any word for a type."""

    def getNodeShape(self, instance_type: str, preemptible: bool = False) -> Shape:
        return super().getNodeShape("small", preemptible)  # type: ignore[safe-super]


class RetriesAll(_Provisioner):
    """Takes every error for passing trouble."""

    @staticmethod
    def retryPredicate(error: Exception) -> bool:
        return True


class KeepsTheLeader(_Provisioner):
    """Leaves the leader running, for the next cluster of the name."""

    def destroyCluster(self) -> None:
        self._end(self._nodes("worker"))  # type: ignore[attr-defined]

    def launchCluster(self, leaderNodeType: str, owner: str = "", userTags: Mapping[str, str] | None = None) -> None:
        if not self._nodes("leader"):  # type: ignore[attr-defined]
            super().launchCluster(leaderNodeType, owner, userTags)  # type: ignore[safe-super]


class HasNothingToOffer(_Provisioner):
    """Has machines without cores."""

    def getNodeShape(self, instance_type: str, preemptible: bool = False) -> Shape:
        return super().getNodeShape(instance_type, preemptible)._replace(cores=0)  # type: ignore[safe-super]


class KeepsInMind(_Provisioner):
    """Knows only the workers that it has started itself."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._mine = 0

    def addNodes(
        self, nodeTypes: Collection[str], numNodes: int, preemptible: bool, spotBid: float | None = None
    ) -> int:
        self._mine += numNodes
        return super().addNodes(nodeTypes, numNodes, preemptible, spotBid)  # type: ignore[safe-super]

    def getProvisionedWorkers(self, instance_type: str | None = None, preemptible: bool | None = None) -> list[Node]:
        return super().getProvisionedWorkers(instance_type, preemptible)[: self._mine]  # type: ignore[safe-super]


CLOUDS = ProvisionerContract()
CLOUD_CLAUSES: list[tuple[type, bool, Callable[[Any], None]]] = [
    (HasALeaderAlways, False, CLOUDS.test_a_cluster_that_is_not_there_has_no_leader),
    (CountsTheLeader, True, lambda cloud: CLOUDS.test_a_launched_cluster_has_a_leader_and_no_workers(cloud, "small")),
    (KeepsInMind, True, lambda cloud: CLOUDS.test_others_find_the_cluster_by_its_name(cloud, "small")),
    (LaunchesOver, True, lambda cloud: CLOUDS.test_a_cluster_is_not_launched_twice(cloud, "small")),
    (
        DestroysTheLeaderOnly,
        True,
        lambda cloud: CLOUDS.test_a_destroyed_cluster_is_gone_with_all_its_machines(cloud, "small"),
    ),
    (AddsOneLess, True, lambda cloud: CLOUDS.test_workers_that_are_added_are_there(cloud, "small", 3)),
    (AddsAtTheUsualPrice, True, lambda cloud: CLOUDS.test_workers_are_told_apart_by_their_price(cloud, "small")),
    (ListsAllTypes, True, lambda cloud: CLOUDS.test_workers_of_another_type_are_not_listed(cloud, "small")),
    (
        TerminatesAll,
        True,
        lambda cloud: CLOUDS.test_workers_that_are_terminated_are_gone_and_others_stay(cloud, "small"),
    ),
    (
        HasALeaderAlways,
        False,
        lambda cloud: CLOUDS.test_nothing_can_be_added_to_a_cluster_that_is_not_there(_with_directory(cloud), "small"),
    ),
    (KnowsAnyType, True, CLOUDS.test_a_type_that_is_not_there_is_named),
    (
        KeepsTheLeader,
        True,
        lambda cloud: CLOUDS.test_a_name_is_free_again_after_its_cluster_was_destroyed(cloud, "small"),
    ),
    (HasNothingToOffer, False, lambda cloud: CLOUDS.test_a_type_has_a_shape(cloud, "small")),
    (RetriesAll, False, CLOUDS.test_an_error_of_a_program_is_not_tried_again),
]


def _with_directory(cloud: Any) -> Any:
    cloud._directory().mkdir(parents=True, exist_ok=True)
    return cloud


@pytest.mark.parametrize(
    ("mixin", "launch", "clause"),
    CLOUD_CLAUSES,
    ids=[f"{one[0].__name__}-{at}" for at, one in enumerate(CLOUD_CLAUSES)],
)
def test_a_broken_cloud_is_noticed(
    mixin: type,
    launch: bool,
    clause: Callable[[Any], None],
    sample: Sample,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = sample("provisioner", "provisioner")
    monkeypatch.setenv(module.CLOUD, str(tmp_path))
    monkeypatch.setattr(ProvisionerContract, "patience", 1.0)
    whole = module.SampleProvisionerProvisioner
    kind = type("Broken", (mixin, whole), {})
    cloud = kind("contract")
    cloud.setAutoscaledNodeTypes([({"small"}, None)])
    try:
        if launch:
            cloud.launchCluster("small")
        with pytest.raises(NOTICED):
            clause(cloud)
    finally:
        whole.destroyCluster(cloud)
