"""Benchmarks: `python -m bench NAME [--json]` prints medians of several runs, the machine and the versions."""
