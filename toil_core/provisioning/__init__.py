"""Clusters of machines that are rented: the contract of a cloud and the model of machines. Imports errors only."""
