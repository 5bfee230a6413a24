"""A registry of the first release becomes one of today and keeps everything; one that is newer is refused."""

from __future__ import annotations

import contextlib
import multiprocessing
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, inspect, select, table, text

from olorin_pipelines.errors import RegistryError
from olorin_pipelines.registry import Registry, schema, state_of, tables, upgrade
from tests.postgres import fresh

FIRST = Path(__file__).parent / "first_release"
POSTGRES = pytest.param("postgresql", marks=pytest.mark.slow)


def statements(name: str) -> list[str]:
    lines = (FIRST / name).read_text(encoding="utf-8").splitlines(keepends=True)
    whole = "".join(line for line in lines if not line.startswith("--"))
    return [each for each in whole.split(";\n") if each.strip()]


def filled(url: str, dialect: str) -> dict[str, list[tuple]]:
    """Make a registry as the first release left it; returns all its rows."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for each in [*statements(f"{dialect}.sql"), *statements("rows.sql")]:
            connection.exec_driver_sql(each.replace("%", "%%") if dialect == "postgresql" else each)
        if dialect == "postgresql":  # as it is after rows got their numbers from the sequences
            for each in tables.Table.metadata.sorted_tables:
                if "sequence" in each.c and inspect(connection).has_table(each.name):
                    numbers = func.pg_get_serial_sequence(each.name, "sequence")
                    connection.execute(select(func.setval(numbers, func.max(each.c.sequence))))
    engine.dispose()
    return rows(url)


def rows(url: str) -> dict[str, list[tuple]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {}
        for name in inspect(connection).get_table_names():
            everything = select(text("*")).select_from(table(name))
            found[name] = sorted((tuple(row) for row in connection.execute(everything)), key=str)
    engine.dispose()
    return found


@pytest.fixture(params=["sqlite", POSTGRES])
def dialect(request) -> str:
    return request.param


@pytest.fixture
def url(dialect, request, tmp_path) -> str:
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path}/olorin.db"
    return fresh(request.getfixturevalue("postgres"), re.sub(r"\W+", "_", request.node.name))


def differences(url: str) -> list:
    engine = create_engine(url)
    with engine.connect() as connection:
        options = {"include_object": lambda item, name, kind, *_: not (kind == "table" and name == "olorin_revision")}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), tables.Table.metadata)
    engine.dispose()
    return found


def made(path: Path) -> list[str]:
    """The text of all tables and indexes of a SQLite file, without its spaces."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'olorin_revision'")
        return sorted(re.sub(r"\s+|\"", "", sql) for (sql,) in found if "sqlite_sequence" not in sql)


def test_an_upgrade_from_the_first_release_keeps_everything(url, dialect):
    before = filled(url, dialect)
    assert len(before) == 9
    assert all(before.values())
    done = upgrade(url)
    assert (done.before, done.after) == ("0001", schema.HEAD)
    after = rows(url)
    assert {name: after[name] for name in before} == before
    assert differences(url) == []
    assert after.keys() == {*tables.Table.metadata.tables, "olorin_revision"}


def test_the_upgraded_registry_works_on(url, dialect):
    filled(url, dialect)
    upgrade(url)
    with contextlib.closing(Registry(url)) as registry:
        promoted, rejected, waiting = sorted(registry.deployments("pets"), key=lambda row: row.sequence)
        assert (promoted.outcome, rejected.outcome, waiting.outcome) == ("promoted", "rolled_back", None)
        assert registry.gates(promoted.id)["schema_diff"].summary.endswith("a person's “name” may be null")
        assert registry.serving("pets").previous_version == "1.0.0"
        assert registry.rollbacks("pets")[0].detail["note"] == "ünïcode"
        row, new = registry.announce("pets", environment="canary", version="3.0.0", url="http://127.0.0.1:9")
        assert new
        assert row.sequence == 4
        lease = registry.take_lease("pets", holder="a", kind="rollout", deployment_id=row.id, seconds=9, work={})
        assert lease.fence == 2, "fences go on where the first release stopped"


def test_tables_of_the_days_before_revisions_are_kept_with_their_rows(url, dialect):
    """Some registries have later tables already, and no name of a revision."""
    Registry(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        for name in ("olorin_revision", "notices", "contract_failures"):
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(text("INSERT INTO leases VALUES ('pets', 'a', 'rollout', NULL, 7, 1, 1, 1, 1, '{}')"))
    engine.dispose()
    assert state_of(url).revision == "0001"
    assert upgrade(url).after == schema.HEAD
    assert differences(url) == []
    assert [row[4] for row in rows(url)["leases"]] == [7]


def test_a_new_registry_has_the_revision_and_the_tables_of_the_models(url):
    assert state_of(url).revision == ""
    Registry(url).close()
    assert state_of(url).is_current
    assert differences(url) == []
    assert upgrade(url).before == schema.HEAD, "and is left as it is"


def test_a_sqlite_file_is_upgraded_when_it_is_opened_and_a_copy_is_kept(tmp_path):
    url = f"sqlite:///{tmp_path}/olorin.db"
    before = filled(url, "sqlite")
    (tmp_path / "olorin.db").chmod(0o600)
    Registry(url).close()
    assert state_of(url).is_current
    copy = tmp_path / f"olorin.db.before-{schema.HEAD}"
    assert rows(f"sqlite:///{copy}") == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_an_upgraded_file_is_written_like_a_new_one(tmp_path):
    filled(f"sqlite:///{tmp_path}/old.db", "sqlite")
    upgrade(f"sqlite:///{tmp_path}/old.db")
    Registry(f"sqlite:///{tmp_path}/new.db").close()
    assert made(tmp_path / "old.db") == made(tmp_path / "new.db")


@pytest.mark.slow
def test_postgresql_is_upgraded_by_the_command_alone(postgres):
    url = fresh(postgres, "by_the_command_alone")
    filled(url, "postgresql")
    with pytest.raises(RegistryError, match="revision 0001, this program wants") as refused:
        Registry(url)
    assert "olorin registry upgrade" in refused.value.hint
    upgrade(url)
    Registry(url).close()


def test_a_newer_registry_is_refused_and_left_alone(url):
    Registry(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE olorin_revision SET version_num = '0999'"))
    engine.dispose()
    before = rows(url)
    for act in (Registry, upgrade, state_of):
        with pytest.raises(RegistryError, match=r"newer Olorin: its revision is 0999, this program knows") as refused:
            act(url)
        assert refused.value.hint
    assert rows(url) == before


def test_a_database_of_something_else_is_refused(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE deployments (id INTEGER)"))
    engine.dispose()
    with pytest.raises(RegistryError, match="is no registry: events, gate_results"):
        Registry(url)
    assert rows(url) == {"deployments": []}


def test_the_database_of_dagster_is_refused(url):
    """It has a table `snapshots` of its own, and a version of its own."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE snapshots (id INTEGER)"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('29b539ebc72a')"))
    engine.dispose()
    with pytest.raises(RegistryError, match="is no registry") as refused:
        Registry(url)
    assert "a database of its own" in refused.value.hint


def test_an_upgrade_that_fails_leaves_everything_as_it_was(url, dialect, monkeypatch):
    before = filled(url, dialect)
    real = ScriptDirectory.iterate_revisions

    def broken(self, upper, lower):
        for script in real(self, upper, lower):
            monkeypatch.setattr(script.module, "upgrade", _then_fail(script.module.upgrade))
            yield script

    def _then_fail(act):
        def run():
            act()
            raise RuntimeError("the machine goes down")

        return run

    monkeypatch.setattr(ScriptDirectory, "iterate_revisions", broken)
    with pytest.raises(RuntimeError, match="goes down"):
        upgrade(url)
    assert rows(url) == before
    monkeypatch.undo()
    assert upgrade(url).after == schema.HEAD


def test_where_no_copy_can_be_made_nothing_is_upgraded(tmp_path):
    url = f"sqlite:///{tmp_path}/olorin.db"
    before = filled(url, "sqlite")
    (tmp_path / f"olorin.db.before-{schema.HEAD}.part").mkdir()
    with pytest.raises(RegistryError, match="is left as it is"):
        Registry(url)
    assert rows(url) == before


def _upgraded(url: str, results) -> None:
    done = upgrade(url)
    results.put((done.before, done.after))


@pytest.mark.slow
def test_of_several_processes_one_upgrades(url, dialect):
    filled(url, dialect)
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    workers = [context.Process(target=_upgraded, args=(url, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    before = sorted(results.get()[0] for _ in workers)
    assert before == ["0001", *[schema.HEAD] * 3]
    assert differences(url) == []


def test_the_revisions_are_one_line_and_those_the_program_knows():
    directory = ScriptDirectory(str(Path(schema.__file__).with_name("migrations")))
    assert tuple(reversed([script.revision for script in directory.walk_revisions()])) == schema.REVISIONS
    assert directory.get_heads() == [schema.HEAD]


def test_opening_a_registry_that_is_up_to_date_needs_no_alembic(tmp_path):
    code = (
        "import sys; from olorin_pipelines.registry import Registry; from olorin_pipelines.pipeline.guard import Guard;"
        f" Registry('sqlite:///{tmp_path}/a.db').close(); Registry('sqlite:///{tmp_path}/a.db').close();"
        " print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
