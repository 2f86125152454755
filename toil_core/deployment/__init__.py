"""How the user's code and the leader's environment reach a worker, be it a forked process or another machine. Imports
the job stores' contract, and nothing that takes long to import.
"""
