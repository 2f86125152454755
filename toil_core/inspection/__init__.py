"""A workflow seen from outside: which jobs it has, how far each has come, what they used and why they failed, all read
from its job store, while it runs or afterwards. Nothing here writes. May import job stores and what jobs leave there,
not the leader or the worker.
"""
