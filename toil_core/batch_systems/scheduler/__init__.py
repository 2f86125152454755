"""What all schedulers that are driven by commands have in common; a plugin adds the dialect that its scheduler speaks.

`dialect` is the contract: build the submit command, read the ID that it prints, ask about many jobs at once, cancel
many. `tasks` holds what is said in both directions, `commands` runs commands, `grouping` decides what becomes one
array and what is bundled, `script` writes what runs on the nodes, `journal` remembers what was submitted for the case
that the leader dies, `conversation` talks to the scheduler in a thread of its own, and `batch_system` is the batch
system that the leader sees.
"""
