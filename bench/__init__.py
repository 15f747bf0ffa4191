"""Measurements: one file a benchmark, run by `./run bench NAME`; what they share is in `common.py` and `kit/`."""
