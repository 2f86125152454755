"""Machines of a cluster, as plain values: what one is (`Node`), and what one of a type offers (`Shape`)."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """What a machine of a type offers to jobs.

    :ivar cores: how many cores.
    :ivar memory: how many bytes of memory.
    :ivar disk: how many bytes of local disk.
    :ivar preemptible: whether it may be taken away at any time.
    :ivar wall_time: for how many seconds it is paid at a time.
    """

    cores: float
    memory: int
    disk: int
    preemptible: bool = False
    wall_time: float = 3600.0


class Node(NamedTuple):
    """A machine of a cluster.

    :ivar name: what the cloud calls it; no other machine of the cluster has this name.
    :ivar node_type: its type, as users name it.
    :ivar public_ip: its address for the rest of the world, or empty.
    :ivar private_ip: its address for other machines of the cluster.
    :ivar preemptible: whether it may be taken away at any time.
    :ivar launched: when it was started, in seconds since the epoch.
    """

    name: str
    node_type: str
    public_ip: str
    private_ip: str
    preemptible: bool = False
    launched: float = 0.0
