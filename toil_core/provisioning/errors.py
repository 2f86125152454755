"""What can go wrong with clusters."""

from __future__ import annotations

from toil_core.errors import UserError


class NoSuchClusterException(UserError):
    """There is no cluster of this name.

    :param name: the name of the cluster.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no cluster '{name}'.", "Check its name and its zone, or launch it.")
        self.name = name


class ClusterExistsError(UserError):
    """There is a cluster of this name already.

    :param name: the name of the cluster.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a cluster '{name}' already.", "Choose another name, or destroy that one.")
        self.name = name


class UnknownNodeTypeError(UserError):
    """The cloud has no machines of this type.

    :param node_type: the type that was asked for.
    :param known: types that there are.
    """

    def __init__(self, node_type: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(
            f"There are no machines of the type '{node_type}'.",
            f"There are {', '.join(known)}." if known else "Check its spelling, and whether the zone has it.",
        )
        self.node_type = node_type
        self.known = known
