"""Where jobs run: the documented `AbstractBatchSystem`, and the one that needs no scheduler, the single machine.
May import the jobs' descriptions.
"""
