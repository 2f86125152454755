"""Containers: what runs a program in an image, and what makes sure that nothing of it is left behind.

`engine` is the contract between those who want a program run (a workflow's own Python, a language that names images)
and what can do so; `docker_engine` fulfils it with any engine that speaks Docker's API; `opening` chooses one.
`cleanup` ends containers however a job ended, and `calls` holds the documented functions for workflow scripts. Nothing
here imports other rooms, and nobody imports this one who has no container to run.
"""
