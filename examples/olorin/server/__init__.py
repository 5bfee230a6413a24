"""The investigations API, in several releases that differ the way real releases do."""
