"""The files of deploy/ say what they promise: valid, loopback, not root, secrets as files, and of one mind."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml

from olorin_pipelines.config import load_config
from olorin_pipelines.demo.ports import free_port
from tests.deploy.composition import COMPOSE, compose
from tests.deploy.image import DOCKERFILE, ROOT, ignored, stages

SERVICES = compose()["services"]
OURS = sorted(set(SERVICES) - {"postgres"})
LASTING = sorted(set(SERVICES) - {"upgrade"})


def tool(name: str) -> str:
    return shutil.which(name, path=Path(sys.executable).parent) or pytest.skip(f"{name} is not installed")


@pytest.mark.slow
def test_the_compose_file_is_valid_against_its_schema(tmp_path):
    """The schema of the Compose specification, as check-jsonschema carries it; a wrong key is found."""
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    said = subprocess.run([*command, str(COMPOSE)], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(COMPOSE.read_text().replace("stop_signal:", "stop_sign:"))
    assert subprocess.run([*command, str(wrong)], capture_output=True).returncode == 1


def test_the_dockerfile_has_no_warning():
    said = subprocess.run([tool("hadolint"), str(DOCKERFILE)], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout


def test_images_are_named_exactly():
    named = [stage.base for stage in stages()] + [SERVICES["postgres"]["image"]]
    assert all(re.search(r":\d+(\.\d+)+-\w+|@sha256:", name) for name in named), named


def test_the_image_is_not_root_and_both_stages_have_the_same_base():
    build, final = stages()
    assert final.of("USER") == ["10001:10001"]
    assert build.base == final.base
    assert final.of("HEALTHCHECK")
    assert "uv==" in " ".join(build.of("RUN"))
    version = re.search(r"UV_VERSION := (\S+)", (ROOT / "Makefile").read_text())
    assert version
    assert f"uv=={version[1]}" in " ".join(build.of("RUN")), "the version that made uv.lock"
    assert all("--frozen" in rest for rest in build.of("RUN") if "uv sync" in rest)


def test_what_is_copied_is_let_in_and_what_is_secret_is_not():
    anywhere, let_in = ignored()
    copied = {
        name
        for stage in stages()
        for rest in stage.of("COPY")
        if not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    assert copied == let_in
    assert {"node_modules", ".env", "secrets"} <= anywhere
    assert "deploy/secrets" in (ROOT / ".dockerignore").read_text().split()
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_nothing_is_published_beyond_loopback():
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("name", LASTING)
def test_a_service_is_restarted_and_has_a_health_check(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_may_do_little(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service, "the image's own"
    assert "privileged" not in service


def test_what_has_no_login_is_reached_from_inside_alone():
    for name in ("postgres", "webserver", "daemon"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert compose()["networks"]["inside"]["internal"] is True


def test_no_secret_stands_in_a_variable():
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            secret = re.search(r"PASSWORD|TOKEN|SECRET", key)
            assert not secret or str(value).startswith("/run/secrets/"), (name, key)
            assert not re.search(r"//\w+:[^@]+@", str(value)), f"a password in {name}: {key}"
    assert set(compose()["secrets"]) >= {"postgres_password", "olorin_token", "htpasswd"}
    assert all(secret["file"].startswith("./secrets/") for secret in compose()["secrets"].values())


def test_all_that_is_mounted_and_depended_on_is_there():
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (ROOT / "deploy" / source).exists() if source.startswith(".") else source in compose()["volumes"]


def test_dagster_is_set_up_as_in_the_embedded_world():
    ours = yaml.safe_load((ROOT / "deploy" / "dagster" / "dagster.yaml").read_text())
    embedded = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    del embedded["run_launcher"]  # it works on the daemon's machine; here runs are children of the code server
    assert {key: ours[key] for key in embedded} == embedded
    assert ours.keys() - embedded.keys() == {"storage", "local_artifact_storage", "compute_logs"}


def test_the_configuration_loads_and_its_secrets_are_mounted():
    config = load_config(ROOT / "deploy" / "olorin.yaml", environ=SERVICES["code"]["environment"])
    assert config.registry_url.startswith("postgresql+psycopg://olorin@postgres")
    named = set(re.findall(r"\$\{(\w+)", (ROOT / "deploy" / "olorin.yaml").read_text()))
    mounted = {secret["target"] for secret in SERVICES["code"]["secrets"]}
    assert named | {"PGPASSWORD"} == mounted


@pytest.mark.parametrize("content", ["plain", "with newline\n", "$(id) `id` 'quotes' \"two\"", "two\nlines\n"])
def test_a_secret_becomes_a_variable_as_it_is(tmp_path, content):
    (tmp_path / "PGPASSWORD").write_text(content)
    (tmp_path / "htpasswd").write_text("not for the program")
    (tmp_path / "BAD-NAME").write_text("x")
    code = "import os; print(os.environ['PGPASSWORD'], end=''); assert 'htpasswd' not in os.environ"
    said = subprocess.run(
        [ROOT / "deploy" / "entrypoint.sh", sys.executable, "-c", code],
        env={"OLORIN_SECRETS": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout == content.rstrip("\n")


def test_without_secrets_the_command_runs_and_its_exit_code_is_told(tmp_path):
    env = {"OLORIN_SECRETS": str(tmp_path / "none"), "PATH": "/usr/bin:/bin"}
    assert subprocess.run([ROOT / "deploy" / "entrypoint.sh", "sh", "-c", "exit 7"], env=env).returncode == 7


class _Behind(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        shown = f"{self.headers.get('authorization')} {self.headers.get('x-olorin-user')}".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(shown)))
        self.end_headers()
        self.wfile.write(shown)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """A real Envoy with deploy/proxy.yaml before a server that says what it was shown; returns the address."""
    from olorin_pipelines.envoy import find_envoy

    folder = tmp_path_factory.mktemp("proxy")
    digest = base64.b64encode(hashlib.sha1(b"open sesame", usedforsecurity=False).digest()).decode()
    (folder / "htpasswd").write_text(f"ann:{{SHA}}{digest}\n")
    behind = ThreadingHTTPServer(("127.0.0.1", 0), _Behind)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    port = free_port()
    text = (ROOT / "deploy" / "proxy.yaml").read_text()
    for said, here in (
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - it is taken away
        ("port_value: 8080", f"port_value: {port}"),
        ("webserver, port_value: 3000", f"127.0.0.1, port_value: {behind.server_port}"),
        ("/run/secrets", str(folder)),
    ):
        assert said in text
        text = text.replace(said, here)
    (folder / "proxy.yaml").write_text(text)
    words = SERVICES["proxy"]["command"][3:]
    with (folder / "log").open("wb") as log:
        command = [str(find_envoy()), "-c", str(folder / "proxy.yaml"), *words]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/-/healthy", trust_env=False).status_code == 200:
                break
        time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(10)
    behind.shutdown()
    behind.server_close()


@pytest.mark.parametrize("path", ["/", "/graphql", "/server_info", "/-/healthy/../graphql", "//-/healthy/..%2fgraphql"])
@pytest.mark.parametrize("auth", [None, ("ann", "open"), ("bob", "open sesame"), ("ann", "")])
def test_the_proxy_lets_nobody_in_without_name_and_password(proxy, path, auth):
    said = httpx.get(f"{proxy}{path}", auth=auth, headers={"x-olorin-user": "ann"}, trust_env=False)
    assert said.status_code in ((400, 401) if "%2f" in path else (401,))


def test_the_proxy_lets_in_who_shows_both_and_keeps_the_password(proxy):
    said = httpx.get(
        f"{proxy}/graphql", auth=("ann", "open sesame"), headers={"x-olorin-user": "root"}, trust_env=False
    )
    assert (said.status_code, said.text) == (200, "None ann")


@pytest.mark.parametrize(("path", "code"), [("/-/healthy", 0), ("/graphql", 1)])
def test_the_health_check_asks_the_proxy(proxy, path, code):
    command = [sys.executable, ROOT / "deploy" / "healthy.py", f"{proxy}{path}"]
    assert subprocess.run(command).returncode == code


def test_the_health_check_of_what_does_not_answer():
    command = [sys.executable, ROOT / "deploy" / "healthy.py", f"http://127.0.0.1:{free_port()}/"]
    assert subprocess.run(command).returncode == 1
