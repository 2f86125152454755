"""What a job is: the documented `Job` and its kin, what it needs, how jobs depend on each other, and how new jobs and
the outcome of an attempt are written down. May import options and the job stores' contracts.
"""
