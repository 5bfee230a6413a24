"""The assets of the code location: one file per kind, its checks beside it."""
