"""Every option, declared once as data, and what is made of it: argparse and optparse arguments, environment variables,
the YAML configuration file, and the `Config` that the rest of Toil reads. Imports nothing of Toil but plain types.
"""
