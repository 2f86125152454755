"""The subcommands that `toil` has without plugins, one module for each."""
