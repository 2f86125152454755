"""The contract of a cloud, as documented: a cluster has a leader and workers, and these come and go as jobs need them.

A provisioner is made for one cluster, by name. It keeps what it knows of the cluster in the cloud, not in itself: any
number of provisioners on any machine may be made for the same cluster.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence

from toil_core.provisioning.model import Node, Shape


class AbstractProvisioner(ABC):
    """A way of starting and stopping machines.

    :param clusterName: the cluster.
    :param zone: where in the cloud it is; by default where the cloud's own settings say.
    :param nodeStorage: the disk of each machine in GB.
    :param nodeStorageOverrides: the disk of machines of some types in GB.
    """

    #: Whether there are machines that may be taken away, at a lower price.
    offers_preemptible = True

    def __init__(
        self,
        clusterName: str,
        zone: str | None = None,
        nodeStorage: int = 50,
        nodeStorageOverrides: Mapping[str, int] | None = None,
    ) -> None:
        self.clusterName = clusterName
        self.zone = zone
        self.nodeStorage = nodeStorage
        self.nodeStorageOverrides = dict(nodeStorageOverrides or {})
        self._autoscaled: list[tuple[frozenset[str], float | None]] = []

    # The types of machines that may be added as they are needed

    def setAutoscaledNodeTypes(self, nodeTypes: Sequence[tuple[Collection[str], float | None]]) -> None:
        """Set which machines may be added.

        :param nodeTypes: types that may stand for each other, with what to bid for one in dollars an hour; None for
            machines at the usual price, which are not taken away.
        :raises UserError: if there are no machines of such a type.
        """
        for equivalent, bid in nodeTypes:
            for one in equivalent:
                self.getNodeShape(one, bid is not None)
        self._autoscaled = [(frozenset(equivalent), bid) for equivalent, bid in nodeTypes]

    def hasAutoscaledNodeTypes(self) -> bool:
        """Return whether machines may be added."""
        return bool(self._autoscaled)

    def getAutoscaledNodeTypes(self) -> list[tuple[frozenset[str], float | None]]:
        """Return what was set by `setAutoscaledNodeTypes`."""
        return list(self._autoscaled)

    def getAutoscaledInstanceShapes(self) -> dict[Shape, str]:
        """Return the shapes of all machines that may be added, with the type of each."""
        return {
            self.getNodeShape(one, bid is not None): one for equivalent, bid in self._autoscaled for one in equivalent
        }

    @abstractmethod
    def getNodeShape(self, instance_type: str, preemptible: bool = False) -> Shape:
        """Return what a machine of a type offers to jobs.

        :raises UserError: if there are no machines of this type.
        """

    # The cluster

    @abstractmethod
    def launchCluster(self, leaderNodeType: str, owner: str = "", userTags: Mapping[str, str] | None = None) -> None:
        """Make the cluster and start its leader; return when that is ready.

        :param leaderNodeType: the type of the leader.
        :param owner: whom the cluster belongs to.
        :param userTags: tags for all that is made in the cloud.
        :raises ClusterExistsError: if there is a cluster of this name.
        :raises UserError: if there are no machines of this type.
        """

    @abstractmethod
    def getLeader(self) -> Node:
        """Return the leader.

        :raises NoSuchClusterException: if there is no cluster of this name.
        """

    @abstractmethod
    def destroyCluster(self) -> None:
        """End all machines of the cluster and remove all else that it has in the cloud; may be repeated."""

    # Workers

    @abstractmethod
    def addNodes(
        self, nodeTypes: Collection[str], numNodes: int, preemptible: bool, spotBid: float | None = None
    ) -> int:
        """Start workers, and return when they are on their way.

        :param nodeTypes: types that may stand for each other.
        :param numNodes: how many to start.
        :param spotBid: what to bid for a preemptible one in dollars an hour.
        :returns: how many were started, which may be fewer.
        :raises NoSuchClusterException: if there is no cluster of this name.
        :raises UserError: if there are no machines of such a type.
        """

    @abstractmethod
    def terminateNodes(self, nodes: Sequence[Node]) -> None:
        """End workers; those that have ended already are fine."""

    @abstractmethod
    def getProvisionedWorkers(self, instance_type: str | None = None, preemptible: bool | None = None) -> list[Node]:
        """Return the workers that have been started and not ended, whether or not they are ready.

        :param instance_type: only those of this type.
        :param preemptible: only those that may be taken away, or only those that may not.
        """

    @staticmethod
    def retryPredicate(error: Exception) -> bool:
        """Return whether an error is the cloud's passing trouble, so that it is worth trying again."""
        return False
