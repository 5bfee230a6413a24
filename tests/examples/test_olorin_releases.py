"""The releases differ as they promise, and to one caller all but the lying one keep their documents."""

import json

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from examples.olorin.server.models import SEEDED_IDS
from examples.olorin.server.releases import RELEASES

BASE = "/api/v1/investigations/"


@pytest.fixture
def documents(serve):
    return {name: serve(name).get("/openapi.json").json() for name in RELEASES}


def schema(document, name):
    return document["components"]["schemas"][name]


def conforms(document, name, value):
    root = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return jsonschema_rs.is_valid(root, value)


def test_every_document_is_valid_and_names_every_operation(documents):
    for name, document in documents.items():
        validate(document)
        assert document["openapi"].startswith("3.1")
        assert document["info"]["version"] == RELEASES[name].version
        operations = [operation for item in document["paths"].values() for operation in item.values()]
        assert all(operation["operationId"] for operation in operations)
        assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_additive_takes_nothing_away(documents):
    old, new = documents["stable"], documents["additive"]
    assert old["paths"].keys() < new["paths"].keys()
    for name in ("InvestigationRequest", "InvestigationResponse"):
        assert schema(old, name)["properties"].items() <= schema(new, name)["properties"].items()
        assert schema(old, name)["required"] == schema(new, name)["required"]
    assert {"risk_factors", "priority"} <= schema(new, "InvestigationResponse")["properties"].keys()


@pytest.mark.parametrize("before", ["stable", "additive"])
def test_breaking_removes_risk_score_and_requires_time_range(documents, before):
    old, new = documents[before], documents["breaking"]
    gone = (
        schema(old, "InvestigationResponse")["properties"].keys()
        - schema(new, "InvestigationResponse")["properties"].keys()
    )
    assert gone == {"risk_score"}
    required = set(schema(new, "InvestigationRequest")["required"]) - set(
        schema(old, "InvestigationRequest")["required"]
    )
    assert required == {"time_range"}
    assert old["paths"].keys() <= new["paths"].keys()


def test_breaking_really_requires_time_range(serve):
    answer = serve("breaking").post(BASE, json={"entity_id": "a", "entity_type": "phone"})
    assert answer.status_code == 422
    assert answer.json()["details"][0]["location"] == "body.time_range"


def test_unused_takes_away_the_timeline_alone(documents):
    old, new = documents["additive"]["paths"], documents["unused"]["paths"]
    timeline = BASE + "{investigation_id}/timeline"
    assert {path: item for path, item in old.items() if path != timeline} == new


@pytest.mark.parametrize(("name", "version"), [("lying", "2.2.0"), ("slow", "2.3.0")])
def test_a_document_that_is_the_additive_one_but_for_the_version(serve, name, version):
    additive, other = (serve(name).get("/openapi.json").text for name in ("additive", name))
    assert other == additive.replace('"version":"2.1.0"', f'"version":"{version}"')
    assert other != additive


def test_lying_tells_the_risk_score_as_text_and_fails_on_the_longest_page(serve, documents):
    client = serve("lying")
    answer = client.get(BASE + str(SEEDED_IDS[0]))
    assert answer.status_code == 200
    assert answer.json()["risk_score"] == "high"
    assert not conforms(documents["lying"], "InvestigationResponse", answer.json())
    failed = client.get(BASE, params={"limit": 100})
    assert (failed.status_code, failed.json()["error"]) == (500, "internal_error")
    assert failed.headers["X-Service-Version"] == "2.2.0"
    assert client.get(BASE, params={"limit": 99}).status_code == 200


@pytest.mark.parametrize("name", ["stable", "additive", "breaking", "slow", "two_versions", "unused"])
def test_healthy_releases_keep_their_documents(serve, documents, name):
    client = serve(name)
    assert conforms(documents[name], "InvestigationResponse", client.get(BASE + str(SEEDED_IDS[0])).json())
    longest = client.get(BASE, params={"limit": 100})
    assert longest.status_code == 200
    assert conforms(documents[name], "InvestigationList", longest.json())


def test_the_path_parameter_names_a_seeded_investigation_and_the_link_leads_there(documents):
    for document in documents.values():
        parameter = document["paths"][BASE + "{investigation_id}"]["get"]["parameters"][0]
        assert parameter["example"] == str(SEEDED_IDS[0])
        created = document["paths"][BASE]["post"]["responses"]["201"]
        assert created["links"]["read"]["operationId"] == "getInvestigation"


def test_documented_errors_and_headers(documents):
    post = documents["stable"]["paths"][BASE]["post"]["responses"]
    assert post.keys() == {"201", "400", "401", "422", "504"}
    assert "HTTPValidationError" not in json.dumps(documents["stable"])
    assert all("X-Service-Version" in answer["headers"] for answer in post.values())


@pytest.mark.parametrize("name", ["stable", "breaking"])
def test_while_the_fault_file_exists_reads_violate_the_schema(serve, documents, tmp_path, name):
    fault = tmp_path / "fault"
    client = serve(name, fault_file=fault)

    def honest():
        one, listed = client.get(BASE + str(SEEDED_IDS[0])), client.get(BASE)
        assert one.status_code == listed.status_code == 200
        outcomes = {
            conforms(documents[name], "InvestigationResponse", one.json()),
            conforms(documents[name], "InvestigationList", listed.json()),
        }
        assert len(outcomes) == 1
        return outcomes.pop()

    assert honest()
    fault.touch()
    assert not honest()
    fault.unlink()
    assert honest()
