-- The tables that the first release made in SQLite.
CREATE TABLE deployments (
  sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id VARCHAR(36) NOT NULL,
  service VARCHAR(63) NOT NULL,
  environment VARCHAR(63) NOT NULL,
  version VARCHAR(200) NOT NULL,
  revision VARCHAR(200) NOT NULL,
  url TEXT NOT NULL,
  created_at DOUBLE NOT NULL,
  run_id VARCHAR(64),
  verdict VARCHAR(20),
  decided_by VARCHAR(63),
  because TEXT,
  decided_at DOUBLE,
  outcome VARCHAR(30),
  ended_at DOUBLE,
  UNIQUE (id)
);
CREATE INDEX ix_deployments_service ON deployments (service);
CREATE TABLE snapshots (
  sequence INTEGER NOT NULL,
  service VARCHAR(63) NOT NULL,
  environment VARCHAR(63) NOT NULL,
  deployment_id VARCHAR(36),
  role VARCHAR(20) NOT NULL,
  digest VARCHAR(64) NOT NULL,
  artifact VARCHAR(64) NOT NULL,
  source TEXT NOT NULL,
  version VARCHAR(200) NOT NULL,
  captured_at DOUBLE NOT NULL,
  PRIMARY KEY (sequence)
);
CREATE INDEX ix_snapshots_deployment_id ON snapshots (deployment_id);
CREATE INDEX ix_snapshots_service ON snapshots (service);
CREATE TABLE rollbacks (
  sequence INTEGER NOT NULL,
  deployment_id VARCHAR(36),
  service VARCHAR(63) NOT NULL,
  from_version VARCHAR(200) NOT NULL,
  to_version VARCHAR(200) NOT NULL,
  reason TEXT NOT NULL,
  outcome VARCHAR(30) NOT NULL,
  started_at DOUBLE NOT NULL,
  seconds DOUBLE NOT NULL,
  detail JSON NOT NULL,
  PRIMARY KEY (sequence)
);
CREATE INDEX ix_rollbacks_service ON rollbacks (service);
CREATE INDEX ix_rollbacks_deployment_id ON rollbacks (deployment_id);
CREATE TABLE rollback_requests (
  sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  service VARCHAR(63) NOT NULL,
  deployment_id VARCHAR(36),
  reason TEXT NOT NULL,
  requested_at DOUBLE NOT NULL
);
CREATE TABLE serving (
  service VARCHAR(63) NOT NULL,
  version VARCHAR(200) NOT NULL,
  url TEXT NOT NULL,
  deployment_id VARCHAR(36),
  previous_version VARCHAR(200),
  previous_url TEXT,
  fence INTEGER NOT NULL,
  since DOUBLE NOT NULL,
  PRIMARY KEY (service)
);
CREATE TABLE production_checks (
  sequence INTEGER NOT NULL,
  service VARCHAR(63) NOT NULL,
  version VARCHAR(200) NOT NULL,
  outcome VARCHAR(20) NOT NULL,
  result TEXT NOT NULL,
  checked_at DOUBLE NOT NULL,
  PRIMARY KEY (sequence)
);
CREATE INDEX ix_production_checks_service ON production_checks (service);
CREATE TABLE events (
  sequence INTEGER NOT NULL,
  at DOUBLE NOT NULL,
  service VARCHAR(63) NOT NULL,
  deployment_id VARCHAR(36),
  kind VARCHAR(63) NOT NULL,
  detail JSON NOT NULL,
  PRIMARY KEY (sequence)
);
CREATE INDEX events_of_deployment ON events (deployment_id, sequence);
CREATE TABLE gate_results (
  deployment_id VARCHAR(36) NOT NULL,
  gate VARCHAR(63) NOT NULL,
  outcome VARCHAR(20) NOT NULL,
  summary TEXT NOT NULL,
  result TEXT NOT NULL,
  recorded_at DOUBLE NOT NULL,
  PRIMARY KEY (deployment_id, gate),
  FOREIGN KEY(deployment_id) REFERENCES deployments (id)
);
CREATE TABLE rollouts (
  deployment_id VARCHAR(36) NOT NULL,
  service VARCHAR(63) NOT NULL,
  state VARCHAR(20) NOT NULL,
  weight INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  reason TEXT NOT NULL,
  abort_reason TEXT,
  started_at DOUBLE NOT NULL,
  deadline DOUBLE NOT NULL,
  ended_at DOUBLE,
  detail JSON NOT NULL,
  PRIMARY KEY (deployment_id),
  FOREIGN KEY(deployment_id) REFERENCES deployments (id)
);
CREATE INDEX ix_rollouts_service ON rollouts (service);
