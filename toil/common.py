"""`Toil` and `Config`, under their documented path."""

from typing import TYPE_CHECKING, Any

from toil_core.options.config import Config
from toil_core.workflow import Toil, ToilContextManagerException

if TYPE_CHECKING:
    from toil_core.options.parsers import add_toil_options as addOptions

__all__ = ["Config", "Toil", "ToilContextManagerException", "addOptions"]


def __getattr__(name: str) -> Any:
    """Import what only few ask for, since every worker loads this module with the user's script."""
    if name == "addOptions":
        from toil_core.options.parsers import add_toil_options

        return add_toil_options
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
