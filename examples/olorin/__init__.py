"""The Olorin investigations API and its consumers: the embedded example."""
