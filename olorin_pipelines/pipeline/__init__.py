"""What happens to one deployment, step by step? The engine's answer; assets and CLI only call it.

capture -> compare -> types -> consumers -> contract -> decide -> release -> revert; production is the hourly look.
"""
