"""Parasol does what every batch system has to do; a simulated one, since Parasol cannot be had for tests."""

from __future__ import annotations

import shlex
from pathlib import Path

from toil_plugin_parasol.scheduler import ParasolBatchSystem

from tests.services.simulated_contract import SimulatedContract
from toil_core.api import Config


class TestParasol(SimulatedContract):
    """On a simulated cluster, which can be told to fail."""

    scheduler = "parasol"
    system = ParasolBatchSystem

    def misdirect(self, config: Config, cluster: dict[str, str], directory: Path, *_: object) -> str:
        """Put a script around Parasol, which takes any job; the script, as sites have some, does not."""
        program = directory / "parasol"
        program.write_text(
            '#!/bin/sh\ncase "$*" in *"add job"*) echo "Ask for an account first" >&2; exit 1;; esac\n'
            f'PATH={shlex.quote(cluster["PATH"])} exec parasol "$@"\n'
        )
        program.chmod(0o755)
        vars(config)["parasolCommand"] = str(program)
        return "Ask for an account first"
