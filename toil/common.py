"""`Toil` and `Config`, under their documented path."""

from toil_core.options.config import Config
from toil_core.options.parsers import add_toil_options as addOptions
from toil_core.workflow import Toil, ToilContextManagerException

__all__ = ["Config", "Toil", "ToilContextManagerException", "addOptions"]
