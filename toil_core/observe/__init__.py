"""How a run shows itself: the message bus and what listens to it (progress, log files, plugins), logging, and
real-time logging from workers. Everything here can be taken away without the leader noticing.
"""
