"""The engine: knows jobs, the order they run in, and how to commit their results so that nothing is lost. Imports
neither the command line nor any plugin; each room's own docstring says what lives there.
"""
