-- Run once, by the PostgreSQL image, when its volume is empty: the registry has `olorin`, Dagster a database of its own.
CREATE DATABASE dagster;
