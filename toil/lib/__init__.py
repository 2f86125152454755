"""Helpers that workflow scripts import, under their documented paths."""
