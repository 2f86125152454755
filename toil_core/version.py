"""The version of Toil, in one place."""

VERSION = "10.0.0.dev0"
