"""The image's steps make what the image promises, and its processes take a deployment to its verdict."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from olorin_pipelines.demo.ports import free_port
from tests.deploy.composition import PROCESSES, TOKEN, USER, USER_PASSWORD, Composition, Postgres, compose
from tests.deploy.image import ROOT
from tests.postgres import programs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SETTINGS = {"OLORIN__SERVICES__INVESTIGATIONS__POLICY__CONTRACT_INCLUDE": '["GET /health/*"]'}
VERDICT_SECONDS = 180


def inside(image, *command: str) -> subprocess.CompletedProcess[str]:
    env = {**image.environment(), "OLORIN_CONFIG": str(image.workdir / "deploy" / "olorin.yaml")}
    return subprocess.run(
        [shutil.which(command[0], path=env["PATH"]) or command[0], *command[1:]],
        cwd=image.workdir,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        user=image.user,
        group=image.user,
    )


def test_every_step_of_the_file_was_executed(image_steps):
    image, steps = image_steps
    assert steps == [rest for stage in image.stages for rest in stage.of("RUN")]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("olorin", "--version"), "0."),
        (("node", "--version"), "v24."),
        (("envoy", "--version"), "envoy"),
        (("dagster", "--version"), "1.13"),
        (
            ("python", "-c", "import dagster_postgres, psycopg, olorin_pipelines as o; print(o.__file__)"),
            "/opt/olorin/",
        ),
    ],
)
def test_the_programs_are_there_for_the_image_s_own_user(image, command, says):
    said = inside(image, *command)
    assert said.returncode == 0, said.stderr
    assert says in said.stdout


def test_nothing_of_development_is_in_it(image):
    said = inside(image, "python", "-c", "import mypy")
    assert said.returncode == 1
    assert not list(image.workdir.glob("tests"))
    assert not (image.root / "opt" / "uv").exists(), "uv stays in the first stage"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_image_s_user_can_write_its_state_and_nothing_of_the_program(image):
    state = image.root / "var" / "lib" / "olorin"
    assert (state.stat().st_uid, stat.S_IMODE(state.stat().st_mode)) == (10001, 0o750)
    said = inside(image, "find", str(image.workdir), "-writable", "-not", "-type", "l")
    assert said.stdout == ""


@pytest.fixture
def composition(image, release, token, tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="olorin-compose-"))
    folder.chmod(0o755)
    database = folder / "database"
    database.mkdir()
    nobody = pwd.getpwnam("nobody").pw_uid if image.user else None  # PostgreSQL wants a user with a name
    if nobody:
        os.chown(database, nobody, -1)
    postgres = Postgres(programs(tmp_path), database / "data", free_port(), nobody)
    made = Composition(image, folder, postgres, SETTINGS)
    made.prepare(
        {
            "http://investigations:8001": release("stable"),
            "http://investigations-canary:8001": release("additive"),
        },
        token,
    )
    postgres.make(ROOT / "deploy" / "postgres" / "databases.sql")
    try:
        yield made
    finally:
        made.stop_all()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def announced(composition: Composition, name: str, version: str, url: str) -> dict:
    """Announce over HTTP and wait for the verdict."""
    intake = f"http://127.0.0.1:{composition.ports['8484']}"
    with httpx.Client(base_url=intake, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
        said = client.post(
            "/deployments", json={"id": name, "service": "investigations", "version": version, "url": url}
        )
        assert said.status_code == 201, said.text
        until = time.monotonic() + VERDICT_SECONDS
        while not (found := client.get(f"/deployments/{name}").json()).get("outcome"):
            assert time.monotonic() < until, f"{found} {composition.log('daemon')} {composition.log('code')}"
            time.sleep(0.5)
        return found


def test_a_deployment_reaches_its_verdict_and_each_process_may_be_restarted(composition, release):
    assert composition.run("upgrade").returncode == 0
    again = composition.run("upgrade")
    assert again.returncode == 0
    assert "is up to date" in again.stdout
    for name in PROCESSES:
        composition.start(name)
        composition.await_healthy(name)

    pages = f"http://127.0.0.1:{composition.ports['8080']}"
    assert httpx.get(f"{pages}/server_info", trust_env=False).status_code == 401
    assert httpx.get(f"{pages}/server_info", auth=(USER, "wrong"), trust_env=False).status_code == 401
    shown = httpx.get(f"{pages}/server_info", auth=(USER, USER_PASSWORD), trust_env=False)
    assert shown.status_code == 200
    assert "dagster_webserver_version" in shown.json()
    assert httpx.get(f"http://127.0.0.1:{composition.ports['8484']}/metrics", trust_env=False).status_code == 401

    found = announced(composition, "first", "2.1.0", release("additive"))
    assert (found["verdict"], found["outcome"]) == ("accepted", "not_routed")
    for number, name in enumerate(("postgres", *PROCESSES)):
        if name == "postgres":
            composition.postgres.stop()
            composition.postgres.start()
        else:
            composition.stop(name)
            composition.start(name)
            composition.await_healthy(name)
        found = announced(composition, f"after-{name}", f"2.1.{number + 1}", release("additive"))
        assert found["verdict"] == "accepted", (name, found)
    found = announced(composition, "last", "3.0.0", release("breaking"))
    assert (found["verdict"], found["decided_by"]) == ("rejected", "schema_diff")
    assert httpx.get(f"{pages}/server_info", auth=(USER, USER_PASSWORD), trust_env=False).status_code == 200


def test_all_services_are_started_here():
    assert set(compose()["services"]) == {*PROCESSES, "postgres", "upgrade"}
