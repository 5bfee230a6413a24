"""Which tables has the registry's database, and are they those of this program? If not, what is to be done?

A revision is the state of the tables; the table `olorin_revision` holds its name (Dagster has an `alembic_version` of
its own). A new database gets today's tables at once. An older one is upgraded by the revisions in between
(`migrations/versions`): a SQLite file when it is opened, after a copy was put beside it; PostgreSQL, which several
programs may share, by `olorin registry upgrade` alone. The check of each start needs no Alembic, so that the guard
stays small.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, MetaData, String, insert, inspect, select
from sqlalchemy import Table as CoreTable
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from olorin_pipelines.errors import RegistryError
from olorin_pipelines.registry.engine import open_engine, reason, writer
from olorin_pipelines.registry.tables import Table

__all__ = ["HEAD", "REVISIONS", "State", "Upgraded", "prepare", "state_of", "upgrade"]

REVISIONS = ("0001", "0002")
"""All revisions, oldest first; each is a module in `migrations/versions`."""

HEAD = REVISIONS[-1]
"""The revision this program works with."""

_FIRST = frozenset(
    {
        "deployments",
        "events",
        "gate_results",
        "production_checks",
        "rollback_requests",
        "rollbacks",
        "rollouts",
        "serving",
        "snapshots",
    }
)
"""The tables of revision 0001. Registries older than the revisions have all of them, and perhaps later ones."""

_VERSION = CoreTable("olorin_revision", MetaData(), Column("version_num", String(32), primary_key=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A registry's `revision` ("" when it holds no tables yet), and the one this program works with."""

    database: str
    revision: str
    wanted: str = HEAD

    @property
    def is_current(self) -> bool:
        """Whether this program works with it as it is."""
        return self.revision == self.wanted

    def to_dict(self) -> dict[str, Any]:
        """Return the state as JSON-able values."""
        return {**asdict(self), "current": self.is_current}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What an upgrade did: from which revision ("" for a new database) to which; `backup` is a file, or ""."""

    database: str
    before: str
    after: str
    backup: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what was done as JSON-able values."""
        return asdict(self)


def state_of(url: str) -> State:
    """Return the state of the registry at a URL; makes no SQLite file. Raises `RegistryError`."""
    with _opened(url) as engine:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        absent = file is not None and not Path(file).exists()
        return State(database=_shown(engine), revision="" if absent else _read(engine))


def upgrade(url: str) -> Upgraded:
    """Bring the registry at a URL to `HEAD`; one that is there already stays as it is. Raises `RegistryError`."""
    with _opened(url) as engine:
        return _upgrade(engine)


def prepare(engine: Engine) -> None:
    """Make the tables of a new database; upgrade a SQLite file; refuse what this program cannot work with.

    Raises `RegistryError`.
    """
    with _answering():
        revision = _read(engine)
        if revision == HEAD:
            return
        if revision and engine.dialect.name != "sqlite":
            raise RegistryError(
                f"the registry has the tables of revision {revision}, this program wants {HEAD}",
                hint="back it up, stop what uses it, and run `olorin registry upgrade`",
            )
        _upgrade(engine)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        with _answering():
            yield engine
    finally:
        engine.dispose()


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise RegistryError(f"the registry cannot be opened: {reason(error)}", hint="check `registry:`") from error


def _upgrade(engine: Engine) -> Upgraded:
    with writer(engine).begin() as connection:  # one process at a time; the others then find it done
        revision, backup = _revision(connection), ""
        if not revision:
            Table.metadata.create_all(connection)
            _VERSION.create(connection, checkfirst=True)
            connection.execute(insert(_VERSION).values(version_num=HEAD))
        elif revision != HEAD:
            backup = _backup(engine, revision)
            _migrate(connection, revision)
    return Upgraded(database=_shown(engine), before=revision, after=HEAD, backup=backup)


def _migrate(connection: Connection, revision: str) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory(str(Path(__file__).with_name("migrations")))
    context = MigrationContext.configure(connection, opts={"version_table": _VERSION.name})
    with Operations.context(context):
        for script in reversed(list(directory.iterate_revisions(HEAD, revision))):
            script.module.upgrade()
    context.stamp(directory, HEAD)


def _backup(engine: Engine, revision: str) -> str:
    """Copy a SQLite file as it was committed last; the transaction that upgrades keeps every writer out."""
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return ""
    copy = Path(f"{file}.before-{HEAD}")
    began = copy.with_name(f"{copy.name}.part")
    try:
        began.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(began)) as target:
            source.backup(target)
        began.chmod(Path(file).stat().st_mode & 0o777)
        began.replace(copy)
    except (OSError, sqlite3.Error) as error:
        raise RegistryError(
            f"revision {revision} of the registry cannot be copied to {copy}, and is left as it is: {error}",
            hint="make room there, or give the right to write",
        ) from error
    return str(copy)


def _read(engine: Engine) -> str:
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str:
    """Return the revision of the tables, "" when there are none. Raises `RegistryError` when it is not known here."""
    names = set(inspect(connection).get_table_names())
    if _VERSION.name in names:
        found = connection.execute(select(_VERSION.c.version_num)).scalars().all()
        if len(found) == 1 and found[0] not in REVISIONS:
            raise RegistryError(
                f"the registry was upgraded by a newer Olorin: its revision is {found[0]}, this program knows {HEAD}",
                hint="use the newer program, or go back to the copy that was made before the upgrade",
            )
        if len(found) == 1:
            return str(found[0])
    if not names & set(Table.metadata.tables):
        return ""
    if missing := sorted(_FIRST - names):
        raise RegistryError(
            f"the database has tables with names of ours and is no registry: {', '.join(missing)} missing",
            hint="give Olorin a database of its own: `registry:`",
        )
    return REVISIONS[0]


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
