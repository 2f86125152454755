"""Schedulers that are not there, but whose commands answer and whose jobs run.

One engine (`engine`) holds the queue and runs jobs as real processes within the slots and the memory of a few made-up
hosts. A front end for each scheduler (`slurm`, `lsf`, `torque`, `condor`, `parasol`) speaks its commands. One process
(`server`) is the whole cluster; the commands on PATH (`client`) hand it their arguments and print what it answers.
"""
