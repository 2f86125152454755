"""What a running job sees of files: temporary ones in its own directory, and the workflow's files in the job store,
read and written directly or through a cache that all workers of a machine share. May import job stores and jobs'
descriptions.
"""
