"""Version 2 stands beside version 1: both are routed, told, and see the same investigations; version 1 says it ends."""

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from examples.olorin.server import __main__ as server
from examples.olorin.server.models import SEEDED_IDS
from examples.olorin.server.releases.v2.models import RiskLevel
from examples.olorin.server.versions import V1_DEPRECATED, V1_SUNSET

V1, V2 = "/api/v1/investigations/", "/api/v2/investigations/"
BODY = {"entity": {"id": "bob@example.com", "type": "email"}}
RANGE = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-02T00:00:00Z"}
NOTICE = {"Deprecation", "Sunset", "Link"}
GUIDE = Path(server.__file__).parents[3] / "docs" / "api-migration.md"
CONTRACT = Path(server.__file__).parents[1] / "front" / "contract" / "openapi.json"


def test_what_version_2_creates_can_be_read_back_by_both(serve):
    client = serve("two_versions")
    created = client.post(V2, json=BODY | {"time_range": RANGE, "priority": "high"})
    assert created.status_code == 201
    told = created.json()
    assert client.get(V2 + told["id"]).json() == told
    assert client.get(V2, params={"limit": 1}).json() == {
        "items": [told],
        "page": {"total": 3, "limit": 1, "offset": 0},
    }
    old = client.get(V1 + told["id"]).json()
    assert (old["investigation_id"], old["risk_score"]) == (told["id"], told["risk"]["score"])
    assert (told["entity"], told["priority"]) == (BODY["entity"], "high")


def test_what_version_1_created_has_its_entity_and_a_level_in_version_2(serve):
    client = serve("two_versions")
    made = client.post(V1, json={"entity_id": "203.0.113.9", "entity_type": "ip_address"}).json()
    told = client.get(V2 + made["investigation_id"]).json()
    assert told["entity"] == {"id": "203.0.113.9", "type": "ip_address"}
    assert told["risk"]["level"] == RiskLevel.of(made["risk_score"])
    assert told["risk"]["factors"] == made["risk_factors"]
    assert told["priority"] == "normal"


@pytest.mark.parametrize(("score", "level"), [(0, "low"), (29.99, "low"), (30, "medium"), (70, "high"), (100, "high")])
def test_the_level_of_a_score(score, level):
    assert RiskLevel.of(score) == level


def test_the_timeline_is_the_same_in_both(serve):
    client = serve("two_versions")
    assert client.get(f"{V2}{SEEDED_IDS[0]}/timeline").json() == client.get(f"{V1}{SEEDED_IDS[0]}/timeline").json()


@pytest.mark.parametrize(
    ("base", "body", "location"),
    [
        (V2, {"entity_id": "bob@example.com", "entity_type": "email"}, "body.entity"),
        (V2, {"entity": {"id": "", "type": "email"}}, "body.entity.id"),
        (V1, BODY, "body.entity_id"),
    ],
    ids=["a body of version 1 in version 2", "an empty entity", "a body of version 2 in version 1"],
)
def test_each_version_refuses_what_is_not_its_own(serve, base, body, location):
    answer = serve("two_versions").post(base, json=body)
    assert answer.status_code == 422
    assert location in [detail["location"] for detail in answer.json()["details"]]


@pytest.mark.parametrize("path", [V2, f"{V2}{SEEDED_IDS[0]}", f"{V2}{SEEDED_IDS[0]}/timeline"])
def test_version_2_asks_for_a_token(serve, path):
    assert serve("two_versions", authenticated=False).get(path).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", V1, 200),
        ("GET", f"{V1}{SEEDED_IDS[0]}", 200),
        ("GET", f"{V1}nowhere", 422),
        ("POST", V1, 422),
        ("DELETE", V1, 405),
    ],
)
def test_every_answer_of_version_1_says_that_it_ends_and_what_follows(serve, method, path, status):
    answer = serve("two_versions").request(method, path)
    assert answer.status_code == status
    assert answer.headers["Deprecation"] == f"@{V1_DEPRECATED.timestamp():.0f}"
    assert parsedate_to_datetime(answer.headers["Sunset"]) == V1_SUNSET
    assert answer.headers["Link"] == f'<{V2}>; rel="successor-version"'


def test_an_answer_without_a_token_and_a_broken_one_say_it_too(serve):
    stranger = serve("two_versions", authenticated=False)
    assert stranger.get(V1).headers.keys() >= {name.lower() for name in NOTICE}

    @stranger.app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError

    answer = stranger.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.headers.keys() >= {name.lower() for name in NOTICE}


@pytest.mark.parametrize("path", [V2, "/health/ready", "/openapi.json", "/api/v10"])
def test_nothing_else_says_that_it_ends(serve, path):
    assert not serve("two_versions").get(path).headers.keys() & {name.lower() for name in NOTICE}


def test_the_end_comes_after_the_deprecation():
    """RFC 9745, section 4: the sunset must not be earlier than the deprecation."""
    assert V1_SUNSET > V1_DEPRECATED


def test_health_tells_the_versions(serve):
    told = serve("two_versions", authenticated=False).get("/health/ready").json()["api_versions"]
    assert told == [
        {"name": "v1", "status": "deprecated", "sunset": "2027-06-30T00:00:00Z"},
        {"name": "v2", "status": "current", "sunset": None},
    ]


@pytest.mark.parametrize(
    ("release", "settings"), [("stable", {}), ("additive", {}), ("two_versions", {"enable_v2_api": False})]
)
def test_without_version_2_there_is_version_1_alone_and_it_does_not_end(serve, release, settings):
    client = serve(release, **settings)
    told = client.get("/health/ready").json()["api_versions"]
    assert told == [{"name": "v1", "status": "current", "sunset": None}]
    assert client.get(V2).status_code == 404
    assert not client.get(V1).headers.keys() & {name.lower() for name in NOTICE}
    assert "deprecated" not in json.dumps(client.app.openapi()["paths"])


def test_the_flag_in_the_environment_turns_version_2_off(serve, monkeypatch):
    monkeypatch.setenv("ENABLE_V2_API", "false")
    assert serve("two_versions").get(V2).status_code == 404


def test_the_base_path_moves_both(serve):
    client = serve("two_versions", api_base_url="/fraud")
    assert client.get("/fraud/v2/investigations/").status_code == 200
    assert client.get("/fraud/v1/investigations/").headers["Link"].startswith("</fraud/v2/investigations/>")


def test_version_1_keeps_what_additive_promised(serve):
    """Version 2 beside version 1 is additive: nothing that a caller of 2.1.0 has is taken away."""
    old, new = (serve(name).app.openapi() for name in ("additive", "two_versions"))
    assert old["components"]["schemas"].items() <= new["components"]["schemas"].items()
    for path, item in old["paths"].items():
        for method, operation in item.items():
            kept = new["paths"][path][method]
            assert operation.get("requestBody") == kept.get("requestBody")
            assert operation["responses"].keys() == kept["responses"].keys()


def test_the_document_calls_version_1_deprecated_and_names_its_headers(serve):
    document = serve("two_versions").app.openapi()
    for path, item in document["paths"].items():
        for operation in item.values():
            old = path.startswith("/api/v1/")
            assert operation.get("deprecated", False) is old
            assert operation.get("x-sunset") == ("2027-06-30" if old else None)
            assert all((response["headers"].keys() >= NOTICE) is old for response in operation["responses"].values())


def test_the_contract_of_the_front_end_is_what_is_served(capsys):
    """When it fails: python -m examples.olorin.server --release two_versions --document > (that file)."""
    assert server.main(["--release", "two_versions", "--document"]) == 0
    assert capsys.readouterr().out == CONTRACT.read_text(encoding="utf-8")


def test_the_migration_guide_shows_what_is_answered(serve):
    client = serve("two_versions")
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)]
    answers = [client.get(f"{base}{SEEDED_IDS[0]}") for base in (V1, V2)]
    told = [{key: value for key, value in answer.json().items() if value is not None} for answer in answers]
    assert shown == told
    notice = [f"`{name}: {answers[0].headers[name]}`" for name in NOTICE]
    assert [line for line in notice if line not in GUIDE.read_text()] == []
