"""How does traffic reach a new version, and how does it come back? Rollout, rollback and their proofs.

`model` holds the values, `ports` the Protocols, `plan` and `decide` the pure decisions, `rollout` and `rollback` act.
Adapters stand one per file in `routers/`, `metrics/` and `scalers/`; `envoy/` is what the two Envoy adapters share.
"""
