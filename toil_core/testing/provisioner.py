"""`ProvisionerContract`: what a cloud has to do for a cluster to be started, changed, and gone without a trace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from toil_core.errors import UserError
from toil_core.provisioning.abstract import AbstractProvisioner
from toil_core.provisioning.errors import ClusterExistsError, NoSuchClusterException
from toil_core.provisioning.model import Node


class ProvisionerContract:
    """Derive a class whose name starts with `Test` and override `provisioner`."""

    #: How many seconds machines may take to appear or disappear.
    patience = 600.0

    @pytest.fixture
    def provisioner(self) -> AbstractProvisioner:
        """Return a provisioner for a cluster that does not exist, with the types of machines set that may be added.

        The contract starts at most four small ones at a time, and destroys the cluster.
        """
        raise NotImplementedError("override the fixture 'provisioner'")

    @pytest.fixture(autouse=True)
    def _destroyed(self, provisioner: AbstractProvisioner) -> Iterator[None]:
        yield
        provisioner.destroyCluster()

    @pytest.fixture
    def node_type(self, provisioner: AbstractProvisioner) -> str:
        """Return a type of machines that may be added at the usual price."""
        kinds = [sorted(types)[0] for types, bid in provisioner.getAutoscaledNodeTypes() if bid is None]
        assert kinds, "the fixture 'provisioner' has to call setAutoscaledNodeTypes with a type and None for its bid"
        return kinds[0]

    @pytest.fixture
    def cluster(self, provisioner: AbstractProvisioner, node_type: str) -> AbstractProvisioner:
        """Return the provisioner, with its cluster launched."""
        provisioner.launchCluster(node_type, owner="contract")
        return provisioner

    def again(self, provisioner: AbstractProvisioner) -> AbstractProvisioner:
        """Return another provisioner for the same cluster, as another process has it."""
        return type(provisioner)(provisioner.clusterName, provisioner.zone)

    # The cluster

    def test_a_cluster_that_is_not_there_has_no_leader(self, provisioner: AbstractProvisioner) -> None:
        with pytest.raises(NoSuchClusterException):
            provisioner.getLeader()

    def test_a_launched_cluster_has_a_leader_and_no_workers(self, cluster: AbstractProvisioner, node_type: str) -> None:
        leader = cluster.getLeader()
        assert leader.node_type == node_type
        assert leader.name
        assert leader.private_ip or leader.public_ip
        assert cluster.getProvisionedWorkers() == []

    def test_others_find_the_cluster_by_its_name(self, cluster: AbstractProvisioner, node_type: str) -> None:
        cluster.addNodes({node_type}, 1, preemptible=False)
        other = self.again(cluster)
        assert other.getLeader().name == cluster.getLeader().name
        assert _names(other) == _names(cluster)

    def test_a_cluster_is_not_launched_twice(self, cluster: AbstractProvisioner, node_type: str) -> None:
        leader = cluster.getLeader()
        with pytest.raises(ClusterExistsError):
            self.again(cluster).launchCluster(node_type)
        assert cluster.getLeader().name == leader.name

    def test_a_destroyed_cluster_is_gone_with_all_its_machines(
        self, cluster: AbstractProvisioner, node_type: str
    ) -> None:
        cluster.addNodes({node_type}, 2, preemptible=False)
        stranger = self.again(cluster)
        stranger.destroyCluster()
        self._until(lambda: cluster.getProvisionedWorkers() == [], "all workers have ended")
        with pytest.raises(NoSuchClusterException):
            cluster.getLeader()
        stranger.destroyCluster()

    def test_a_name_is_free_again_after_its_cluster_was_destroyed(
        self, cluster: AbstractProvisioner, node_type: str
    ) -> None:
        before = cluster.getLeader().name
        cluster.destroyCluster()
        cluster.launchCluster(node_type)
        assert cluster.getLeader().name != before
        assert cluster.getProvisionedWorkers() == []

    # Workers

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_workers_that_are_added_are_there(self, cluster: AbstractProvisioner, node_type: str, count: int) -> None:
        assert cluster.addNodes({node_type}, count, preemptible=False) == count
        self._until(lambda: len(cluster.getProvisionedWorkers()) == count, f"there are {count} workers")
        workers = cluster.getProvisionedWorkers()
        assert len({worker.name for worker in workers}) == count
        assert {(worker.node_type, worker.preemptible) for worker in workers} <= {(node_type, False)}
        assert cluster.getLeader().name not in _names(cluster)

    def test_workers_are_told_apart_by_their_price(self, cluster: AbstractProvisioner, node_type: str) -> None:
        if not cluster.offers_preemptible:
            pytest.skip("it has no preemptible machines ('offers_preemptible' is False)")
        cluster.addNodes({node_type}, 1, preemptible=False)
        cluster.addNodes({node_type}, 2, preemptible=True, spotBid=10.0)
        self._until(lambda: len(cluster.getProvisionedWorkers()) == 3, "there are 3 workers")
        assert len(cluster.getProvisionedWorkers(preemptible=False)) == 1
        assert len(cluster.getProvisionedWorkers(node_type, preemptible=True)) == 2
        assert all(worker.preemptible for worker in cluster.getProvisionedWorkers(preemptible=True))

    def test_workers_of_another_type_are_not_listed(self, cluster: AbstractProvisioner, node_type: str) -> None:
        cluster.addNodes({node_type}, 1, preemptible=False)
        assert len(cluster.getProvisionedWorkers(node_type)) == 1
        assert cluster.getProvisionedWorkers("no such type") == []

    def test_workers_that_are_terminated_are_gone_and_others_stay(
        self, cluster: AbstractProvisioner, node_type: str
    ) -> None:
        cluster.addNodes({node_type}, 3, preemptible=False)
        first, *others = cluster.getProvisionedWorkers()
        cluster.terminateNodes([first])
        cluster.terminateNodes([first])
        cluster.terminateNodes([])
        self._until(lambda: _names(cluster) == {one.name for one in others}, "only the other workers are there")
        assert cluster.getLeader()

    def test_nothing_can_be_added_to_a_cluster_that_is_not_there(
        self, provisioner: AbstractProvisioner, node_type: str
    ) -> None:
        with pytest.raises(NoSuchClusterException):
            provisioner.addNodes({node_type}, 1, preemptible=False)

    # Types

    def test_a_type_has_a_shape(self, provisioner: AbstractProvisioner, node_type: str) -> None:
        shape = provisioner.getNodeShape(node_type)
        assert shape.cores > 0
        assert shape.memory > 1 << 20
        assert shape.disk > 1 << 20
        assert shape.preemptible is False
        assert provisioner.getAutoscaledInstanceShapes()[shape] == node_type
        assert provisioner.hasAutoscaledNodeTypes()

    def test_a_type_that_is_not_there_is_named(self, cluster: AbstractProvisioner) -> None:
        for ask in (
            lambda: cluster.getNodeShape("no-such-type"),
            lambda: cluster.setAutoscaledNodeTypes([({"no-such-type"}, None)]),
            lambda: cluster.addNodes({"no-such-type"}, 1, preemptible=False),
        ):
            with pytest.raises(UserError, match="no-such-type"):
                ask()
        assert cluster.getProvisionedWorkers() == []

    def test_an_error_of_a_program_is_not_tried_again(self, provisioner: AbstractProvisioner) -> None:
        for error in (ValueError("x"), KeyError("x"), NoSuchClusterException("x")):
            assert provisioner.retryPredicate(error) is False

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + self.patience
        while not condition():
            assert time.monotonic() < deadline, f"after {self.patience:g} seconds, not yet: {what}"
            time.sleep(0.1)


def _names(provisioner: AbstractProvisioner) -> set[str]:
    workers: list[Node] = provisioner.getProvisionedWorkers()
    return {worker.name for worker in workers}
