"""Where a workflow lives: the documented `AbstractJobStore`, written once on the storage primitives of `storage.py`,
with the file and in-memory backends and access to files at URLs. May import options and the jobs' descriptions.
"""
