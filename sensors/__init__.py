"""The sensors of the code location."""
