"""What do the two Envoy adapters share? Its documents, its files and its admin interface.

One Envoy serves one service: the listener's route configuration and the clusters are named after the service.
"""
