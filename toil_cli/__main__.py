"""`python -m toil_cli` is `toil`."""

from toil_cli.main import main

main()
