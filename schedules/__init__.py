"""The schedules of the code location."""
