"""Worked examples of services under contract."""
