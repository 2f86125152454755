"""How a run shows itself: the message bus and what listens to it (progress, log files, plugins), logging, and
real-time logging from workers. Everything here can be taken away without the leader noticing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config


def attach_all(bus: MessageBus, config: Config, job_store: AbstractJobStore | None = None) -> Closeable:
    """Start all that watches a run of the leader, as the configuration asks for it.

    :param job_store: where `--stats` keeps what it gathers.
    :raises UserError: if a file or directory that the user named for an observer cannot be written to.
    :returns: what to close when the run is over, however it ended.
    """
    from toil_core.observe import job_logs
    from toil_core.observe.closing import Closers

    closers = Closers()
    try:
        job_logs.attach(bus, config)
        if config.history:
            from toil_core.observe import history

            closers.add(history.attach(bus, config))
        if config.stats and job_store is not None:
            from toil_core.observe import stats

            closers.add(stats.attach(bus, config, job_store))
        if config.clusterStats:
            from toil_core.observe import cluster_stats

            closers.add(cluster_stats.attach(bus, config))
        if config.writeMessages:
            from toil_core.observe import messages

            closers.add(messages.attach(bus, config))
        if config.realTimeLogging:
            from toil_core.observe import realtime_server

            closers.add(realtime_server.attach(bus, config))
        if not config.disableProgress and _is_terminal():
            from toil_core.observe import progress

            closers.add(progress.attach(bus, config))
    except BaseException:
        closers.close()
        raise
    return closers


def _is_terminal() -> bool:
    import os
    import sys

    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
