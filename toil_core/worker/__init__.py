"""What runs a job: the worker's process, the zygote that forks workers, and one attempt from order to commit. Imports
the jobs and the stores, and nothing that takes long to import.
"""
