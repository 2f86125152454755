"""The `toil` command: a tree of subcommands, each in a module of its own that is imported when it is needed. Imports
`toil_core` only; plugins add their commands through the hook for commands.
"""
