"""How is the registry's database opened? SQLite or PostgreSQL; who writes is alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from olorin_pipelines.errors import RegistryError

__all__ = ["open_engine", "reason", "writer"]

_WRITES = "olorin_writes"
_WRITERS_LOCK = 7_026_355_141  # any number that others do not take


def open_engine(url: str) -> Engine:
    """Return the engine of a SQLAlchemy URL; a SQLite file is created, with its folder, in WAL mode.

    Raises `RegistryError` for a URL that names no usable database.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise RegistryError(f"the registry URL is not usable: {error}", hint="e.g. sqlite:///var/olorin.db") from error
    except (SQLAlchemyError, OSError) as error:
        raise RegistryError(f"the registry cannot be opened: {reason(error)}", hint="check `registry:`") from error
    if address.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif address.get_backend_name() == "postgresql":
        event.listen(engine, "connect", _tune_postgres)
        event.listen(engine, "begin", _begin_postgres)
    return engine


def writer(engine: Engine) -> Engine:
    """Return the engine whose transactions write: one at a time, also among processes."""
    return engine.execution_options(**{_WRITES: True})


def reason(error: BaseException) -> str:
    """Return the first line of what the database said."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver shall not begin transactions by itself: `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: upgrading a read transaction fails immediately when another one wrote."""
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _tune_postgres(connection: Any, _record: Any) -> None:
    """A process that was stopped inside a transaction shall not keep the others waiting for ever."""
    with connection.cursor() as cursor:
        for setting in ("idle_in_transaction_session_timeout='10s'", "lock_timeout='10s'"):
            cursor.execute(f"SET {setting}")
    connection.commit()


def _begin_postgres(connection: Connection) -> None:
    """One writer at a time, as in SQLite: numbers then become visible in their order, and no cursor skips one."""
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
