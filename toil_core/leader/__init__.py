"""What decides: which jobs are ready, which to try again, when the workflow is done. May import every other room but
the worker's inside. The graph and the states are pure; the loop does the waiting.
"""
