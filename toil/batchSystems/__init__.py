"""Batch systems, under their documented path."""
