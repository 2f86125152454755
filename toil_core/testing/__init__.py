"""The contract test kit: abstract pytest classes that say what a backend has to do. The author of one derives a class
from the fitting contract, overrides the one fixture that makes the backend, and runs pytest. May import contracts.
"""
