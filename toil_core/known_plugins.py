"""Which distribution brings what is not installed: the one thing that is known here of plugins by name, for the sake of
the sentence that tells people what to install.
"""

from __future__ import annotations

_BATCH_SYSTEMS = {
    "slurm": "slurm",
    "lsf": "lsf",
    "grid_engine": "gridengine",
    "torque": "torque",
    "htcondor": "htcondor",
    "parasol": "parasol",
    "mesos": "mesos",
    "kubernetes": "kubernetes",
    "aws_batch": "aws-batch",
    "tes": "tes",
}
_CLUSTER_COMMANDS = ("launch-cluster", "ssh-cluster", "rsync-cluster", "destroy-cluster")

_KNOWN: dict[str, dict[str, str]] = {
    "job_stores": {"aws": "aws", "google": "google"},
    "batch_systems": _BATCH_SYSTEMS,
    "provisioners": {"aws": "aws", "gce": "google"},
    "workflow_languages": {"cwl": "cwl", "wdl": "wdl"},
    "url_schemes": {"s3": "aws", "gs": "google"},
    "commands": {"server": "wes", **dict.fromkeys(_CLUSTER_COMMANDS, "aws")},
    "observers": {},
}


def plain(name: str) -> str:
    """Return a name in the form in which `singleMachine` and `single_machine` are equal."""
    return name.replace("_", "").replace("-", "").lower()


def known_names(kind: str) -> list[str]:
    """Return the names that distributions known here give to plugins of this kind."""
    return list(_KNOWN[kind])


def distribution_for(kind: str, name: str) -> str:
    """Return the distribution that brings the plugin of this name, or an empty string where none is known."""
    for known, distribution in _KNOWN[kind].items():
        if plain(known) == plain(name):
            return f"toil-plugin-{distribution}"
    return ""
