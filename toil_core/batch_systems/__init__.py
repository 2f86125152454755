"""Where jobs run: the documented `AbstractBatchSystem`, and what can be told of jobs in its terms (`exits`, `errors`).

`single_machine` needs no scheduler: it fits jobs into what the machine has (`resources`) and gives them to `workers`,
which a zygote forks (`zygote_client`). `scheduler/` is the base of all batch systems that are driven by commands, and
`local_jobs` runs jobs beside the leader while others go to a scheduler. `bundling` decides which jobs share a process,
and `notes` is what outlives the leader. May import the jobs' descriptions, and what is said to workers and to the bus.
"""
