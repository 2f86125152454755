"""A workflow in a package: run it with `python3 -m wordcount.main`."""
