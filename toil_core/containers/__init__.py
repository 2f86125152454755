"""Containers: what runs a program in an image, and what makes sure that nothing of it is left behind.

`engine` is the contract between those who want a program run (a workflow's own Python, a language that names images)
and what can do so, and `running` the way from one to the other; `opening` chooses an engine. Engines are driven by a
command (`command_engine`: docker and podman; `singularity`, `udocker`), whose words are made by pure functions in
`arguments` and whose process is watched in `processes`; or by Docker's API (`docker_engine`, on `attached_engine`); or
they are this machine itself (`host`). `cleanup` ends containers however a job ended, and `calls` holds the documented
functions for workflow scripts. Nothing here imports other rooms, and nobody imports this one who has no container to
run.
"""
