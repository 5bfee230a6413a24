"""Olorin Pipelines: guards the contract between HTTP APIs and their consumers.

The engine. It never imports Dagster; the code location at the root of the repository does.
"""

__version__ = "0.1.0"
