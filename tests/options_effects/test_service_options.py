"""How many services run at once."""

from __future__ import annotations

import pytest

from tests.options_effects.probing import Probe


@pytest.mark.parametrize("option", ["--maxServiceJobs", "--maxPreemptibleServiceJobs"])
@pytest.mark.parametrize("preemptible", [False, True])
def test_services_beyond_the_maximum_of_their_kind_do_not_run_at_once(
    probe: Probe, option: str, preemptible: bool
) -> None:
    options = (option, "1", "--deadlockWait=1", "--deadlockCheckInterval=0.2", "--servicePollingInterval=0.1")
    done = probe.run("served", {"count": 2, "preemptible": preemptible}, *options)
    concerned = preemptible == (option == "--maxPreemptibleServiceJobs")
    assert (done.status == 0) is not concerned
    assert ("is deadlocked" in done.err) is concerned
