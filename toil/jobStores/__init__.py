"""Job stores, under their documented path."""
