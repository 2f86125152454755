"""The import paths that workflow scripts use; everything here comes from `toil_core`."""

from toil_core.leader.errors import DeadlockException
from toil_core.version import VERSION as __version__

version = __version__

__all__ = ["DeadlockException", "__version__", "version"]
