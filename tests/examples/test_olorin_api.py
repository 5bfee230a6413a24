"""The investigations API keeps its promises: routes, errors, tokens, health, metrics, documentation."""

import re
import uuid

import jwt
import pytest
from olorin_client import token

from examples.olorin.server.models import SEEDED_IDS, EntityType
from examples.olorin.server.settings import DEMO_SECRET
from examples.olorin.server.store import Store

BASE = "/api/v1/investigations/"
BODY = {"entity_id": "bob@example.com", "entity_type": "email"}
RANGE = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-02T00:00:00+01:00"}
ALL_RELEASES = ("stable", "additive", "breaking", "two_versions", "unused")


@pytest.mark.parametrize("release", ALL_RELEASES)
def test_what_is_created_can_be_read_back_and_is_first_in_the_list(serve, release):
    client = serve(release)
    created = client.post(BASE, json=BODY | {"time_range": RANGE})
    assert created.status_code == 201
    id_ = created.json()["investigation_id"]
    assert {"investigation_id", "status", "created_at", "updated_at"} <= created.json().keys()
    assert client.get(BASE + id_).json() == created.json()
    assert client.get(BASE, params={"limit": 1}).json()["items"] == [created.json()]


def test_a_fresh_process_lists_the_seeded_investigations(serve):
    listed = serve().get(BASE).json()
    assert [item["investigation_id"] for item in listed["items"]] == list(map(str, SEEDED_IDS))
    assert (listed["total"], listed["limit"], listed["offset"]) == (2, 20, 0)


def test_the_list_can_be_paged_over_the_end_of_the_new_ones(serve):
    client = serve()
    new = client.post(BASE, json=BODY).json()["investigation_id"]
    pages = [client.get(BASE, params={"limit": 1, "offset": n}).json()["items"] for n in range(4)]
    assert [[item["investigation_id"] for item in page] for page in pages] == [
        [new],
        [str(SEEDED_IDS[0])],
        [str(SEEDED_IDS[1])],
        [],
    ]


@pytest.mark.parametrize("release", ["additive", "breaking", "lying"])
def test_the_timeline_begins_with_the_creation(serve, release):
    timeline = serve(release).get(f"{BASE}{SEEDED_IDS[0]}/timeline").json()
    assert [event["event"] for event in timeline["events"]] == ["created", "completed"]


def test_additive_tells_priority_and_risk_factors(serve):
    created = serve("additive").post(BASE, json=BODY | {"priority": "high"}).json()
    assert created["priority"] == "high"
    assert isinstance(created["risk_factors"], list)


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "error"),
    [
        ("POST", BASE, {"content": b"{", "headers": {"content-type": "application/json"}}, 400, "malformed_body"),
        ("POST", BASE, {"content": b"\xff", "headers": {"content-type": "application/json"}}, 400, "bad_request"),
        ("GET", BASE + str(uuid.UUID(int=0)), {}, 404, "not_found"),
        ("GET", "/nowhere", {}, 404, "not_found"),
        ("DELETE", BASE, {}, 405, "method_not_allowed"),
        ("GET", BASE + "not-an-id", {}, 422, "validation_failed"),
        ("GET", BASE + "?limit=101", {}, 422, "validation_failed"),
        ("GET", BASE + "?offset=-1", {}, 422, "validation_failed"),
        ("POST", BASE, {"json": {"entity_type": "email"}}, 422, "validation_failed"),
        ("POST", BASE, {"json": BODY | {"entity_type": "planet"}}, 422, "validation_failed"),
        ("POST", BASE, {"json": BODY | {"entity_id": "x" * 257}}, 422, "validation_failed"),
        ("POST", BASE, {"json": BODY | {"time_range": RANGE | {"end_time": 0}}}, 422, "validation_failed"),
        ("POST", BASE, {"json": BODY | {"time_range": RANGE | {"end_time": "2026-01-01"}}}, 422, "validation_failed"),
    ],
)
def test_every_error_has_the_same_body_and_names_the_version(serve, method, path, options, status, error):
    answer = serve().request(method, path, **options)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json().keys() == {"error", "message", "details"}
    assert answer.headers["X-Service-Version"] == "2.0.0"


def test_a_validation_error_names_the_place_and_not_the_value(serve):
    answer = serve().post(BASE, json={"entity_id": "s3cret", "entity_type": "s3cret"})
    assert [detail["location"] for detail in answer.json()["details"]] == ["body.entity_type"]
    assert "s3cret" not in answer.text


def test_a_wrong_method_is_told_all_the_right_ones(serve):
    assert serve().delete(BASE).headers["Allow"] == "GET, POST"


def unsigned() -> str:
    return jwt.encode({"sub": "x", "exp": 9_999_999_999}, None, algorithm="none")


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer",
        "Basic dXNlcjpwYXNz",
        "Bearer not.a.token",
        f"Bearer {token(minutes=-1)}",
        f"Bearer {token(secret='another-secret-another-secret-another-secret')}",
        f"Bearer {unsigned()}",
        "Bearer " + jwt.encode({"sub": "for ever"}, DEMO_SECRET, algorithm="HS256"),
    ],
    ids=["missing", "empty", "basic", "malformed", "expired", "wrongly signed", "unsigned", "without expiry"],
)
def test_a_bad_token_is_401_before_the_body_is_looked_at(serve, authorization):
    client = serve(authenticated=False)
    headers = {"content-type": "application/json"} | ({"Authorization": authorization} if authorization else {})
    for answer in (client.get(BASE, headers=headers), client.post(BASE, content=b"{", headers=headers)):
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_is_told_so(serve):
    answer = serve(authenticated=False).get(BASE, headers={"Authorization": f"Bearer {token(minutes=-1)}"})
    assert answer.json()["message"] == "The token has expired"


def test_probes_need_no_token_and_name_their_checks(serve):
    client = serve(authenticated=False)
    told = {"status": "ok", "version": "2.0.0", "api_versions": [{"name": "v1", "status": "current", "sunset": None}]}
    assert client.get("/health/live").json() == told | {"checks": []}
    for probe in ("ready", "startup"):
        report = client.get(f"/health/{probe}").json()
        assert report["status"] == "ok"
        assert {check["name"]: check["status"] for check in report["checks"]} == {"store": "ok", "schema": "ok"}


def test_a_failed_check_makes_ready_503_with_the_same_body(serve):
    def broken() -> str:
        raise RuntimeError("the store is gone")

    client = serve()
    client.app.state.checks = dict(client.app.state.checks) | {"store": broken}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert answer.json()["checks"][0] == {"name": "store", "status": "failed", "detail": "the store is gone"}
    assert client.get("/health/live").status_code == 200


def test_metrics_count_requests_errors_and_time_per_operation_and_status(serve):
    client = serve("lying")
    client.get(BASE)
    client.get(BASE, params={"limit": 100})
    client.get("/nowhere")
    told = client.get("/metrics").text
    assert 'olorin_http_requests_total{operation="listInvestigations",status="200"} 1.0' in told
    assert 'olorin_http_errors_total{operation="listInvestigations",status="500"} 1.0' in told
    assert 'olorin_http_requests_total{operation="unmatched",status="404"} 1.0' in told
    assert 'olorin_http_request_duration_seconds_count{operation="listInvestigations",status="200"} 1.0' in told
    assert "/metrics" not in client.app.openapi()["paths"]


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_documentation_needs_no_internet(serve, page):
    client = serve()
    answer = client.get(page)
    assert answer.status_code == 200
    assert not re.search(r"https?://", answer.text)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assets = [link for link in re.findall(r'(?:src|href|spec-url)="([^"]+)"', answer.text) if link.startswith("/")]
    assert assets
    assert all(client.get(link).status_code == 200 for link in assets)


def test_the_swagger_page_keeps_the_token_and_asks_no_validator(serve):
    page = serve().get("/docs").text
    assert '"persistAuthorization": true' in page
    assert '"validatorUrl": null' in page


def test_the_store_drops_the_oldest_but_never_the_seeded():
    store = Store(capacity=2)
    ids = [store.add(f"user-{n}", EntityType.USER_ID).id for n in range(3)]
    assert [store.get(id_) is not None for id_ in ids] == [False, True, True]
    assert all(store.get(id_) for id_ in SEEDED_IDS)
    assert len(store) == 4
