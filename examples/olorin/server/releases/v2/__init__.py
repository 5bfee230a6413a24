"""Version 2 of the API, beside version 1: its own models and routes on the same store."""
