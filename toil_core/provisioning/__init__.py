"""Clusters of machines that are rented: the contract of a cloud and the model of machines. May import batch systems."""
