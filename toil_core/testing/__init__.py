"""The contract test kit: abstract pytest classes that say what a backend has to do. The author of one derives a class
from the fitting contract, overrides the one fixture that makes the backend, and runs pytest. May import contracts.

    import pytest
    from toil_core.testing import BatchSystemContract
    from toil_plugin_moon.scheduler import MoonBatchSystem

    class TestMoon(BatchSystemContract):
        @pytest.fixture
        def batch_system(self, config):
            return MoonBatchSystem(config)

Nothing has to be registered with pytest, and nothing of it is imported by the tests of other projects. What a backend
declares that it cannot do is skipped with that reason; what it declares, and what needs no declaration, is not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from toil_core.testing.batch_system import BatchSystemContract
    from toil_core.testing.command import CommandContract
    from toil_core.testing.faults import Faults
    from toil_core.testing.job_store import JobStoreContract
    from toil_core.testing.observer import ObserverContract
    from toil_core.testing.provisioner import ProvisionerContract
    from toil_core.testing.storage import StorageContract
    from toil_core.testing.url_scheme import UrlSchemeContract
    from toil_core.testing.workflow_language import Document, Documents, Placed, WorkflowLanguageContract

_MODULES = {
    "BatchSystemContract": "batch_system",
    "CommandContract": "command",
    "Document": "workflow_language",
    "Documents": "workflow_language",
    "Faults": "faults",
    "JobStoreContract": "job_store",
    "ObserverContract": "observer",
    "Placed": "workflow_language",
    "ProvisionerContract": "provisioner",
    "StorageContract": "storage",
    "UrlSchemeContract": "url_scheme",
    "WorkflowLanguageContract": "workflow_language",
}
_CLAUSES = {
    *_MODULES.values(),
    "batch_fixtures",
    "fault_clauses",
    "file_clauses",
    "http_kit",
    "job_clauses",
    "looking_clauses",
    "playing_leader",
    "python_kit",
    "running_clauses",
    "store_clauses",
}

# A clause that fails shows the values that it compared, as any test does.
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in sorted(_CLAUSES)))


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "BatchSystemContract",
    "CommandContract",
    "Document",
    "Documents",
    "Faults",
    "JobStoreContract",
    "ObserverContract",
    "Placed",
    "ProvisionerContract",
    "StorageContract",
    "UrlSchemeContract",
    "WorkflowLanguageContract",
]
