"""Benchmarks of the hub beside its peers, on servers that they start themselves. ``python -m bench`` (make bench)."""
