"""`olorin registry`: which revision, and the upgrade."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from olorin_pipelines.config import load_config
from olorin_pipelines.registry import Registry
from olorin_pipelines.registry.schema import HEAD


def test_a_new_registry_is_shown_made_and_shown_again(olorin, home):
    said = olorin("registry", "show")
    assert said.code == 1
    assert f"revision none, this program works with {HEAD}" in said.out
    assert not Path(make_url(load_config().registry_url).database).exists(), "it was only looked at"
    assert f"is new: revision {HEAD}" in olorin("registry", "upgrade").out
    assert olorin("registry", "show").code == 0
    said = olorin("registry", "upgrade", "--json")
    assert said.data["before"] == said.data["after"] == HEAD
    assert f"is up to date: revision {HEAD}" in olorin("registry", "upgrade").out


def test_an_older_registry_is_upgraded_and_the_copy_is_named(olorin, home):
    url = load_config().registry_url
    with closing(Registry(url)) as registry:
        registry.announce("pets", environment="canary", version="2", url="http://127.0.0.1:1")
    _edit(url, "DROP TABLE olorin_revision")
    said = olorin("registry", "upgrade")
    assert said.code == 0
    assert f"from revision 0001 to {HEAD}" in said.out
    assert f"olorin.db.before-{HEAD}" in said.out
    with closing(Registry(url)) as registry:
        assert [row.version for row in registry.deployments("pets")] == ["2"]


def test_a_newer_registry_is_an_answer_that_cannot_be_given(olorin, home):
    url = load_config().registry_url
    Registry(url).close()
    _edit(url, "UPDATE olorin_revision SET version_num = '0999'")
    for command in (("registry", "upgrade"), ("registry", "show"), ("status",)):
        said = olorin(*command)
        assert said.code == 3
        assert "newer Olorin" in said.err
        assert "fix: use the newer program" in said.err


def _edit(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
