"""How does a report come to a pull request? As one comment, which is found again by its first line and updated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from olorin_pipelines.errors import ToolFailed, UsageError

__all__ = ["PullRequest", "comment"]

_MARKER = re.compile(r"<!-- olorin [^\n]*-->")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_PAGE = 100
_PAGES = 30
_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request of a repository "owner/name" at GitHub, or at another server that speaks its REST API."""

    repository: str
    number: int
    token: str = field(repr=False)
    api: str = "https://api.github.com"


def comment(on: PullRequest, text: str) -> str:
    """Write the text as a comment, in place of the earlier one with the same first line; return its address.

    The first line is a marker, `<!-- olorin … -->`. Only comments of whoever holds the token can be updated: one that
    refuses is left, and a new one is written. Raises `UsageError` for a text without a marker, `ToolFailed` when the
    server refuses.
    """
    marker = text.partition("\n")[0]
    if not _MARKER.fullmatch(marker):
        raise UsageError("the report has no marker in its first line", hint="give the report.md of `olorin check`")
    if not _REPOSITORY.fullmatch(on.repository):
        raise UsageError(f"{on.repository!r} is no repository", hint="write it as owner/name")
    headers = {
        "Authorization": f"Bearer {on.token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    base = f"{on.api.rstrip('/')}/repos/{on.repository}/issues"
    with httpx.Client(headers=headers, timeout=_SECONDS) as client:
        for earlier in _marked(client, f"{base}/{on.number}/comments", marker):
            answer = _asked(client, "PATCH", f"{base}/comments/{earlier}", {"body": text})
            if answer.status_code not in (403, 404):
                return _address(answer)
        return _address(_asked(client, "POST", f"{base}/{on.number}/comments", {"body": text}))


def _marked(client: httpx.Client, address: str, marker: str) -> Iterator[int]:
    """Yield the numbers of the comments that begin with the marker, the oldest first."""
    for page in range(1, _PAGES + 1):
        listed = _good(_asked(client, "GET", f"{address}?per_page={_PAGE}&page={page}")).json()
        yield from (int(one["id"]) for one in listed if str(one.get("body") or "").startswith(marker))
        if len(listed) < _PAGE:
            return


def _asked(client: httpx.Client, method: str, address: str, body: dict[str, str] | None = None) -> httpx.Response:
    try:
        return client.request(method, address, json=body)
    except httpx.HTTPError as error:
        raise ToolFailed(
            f"{address} could not be asked: {error}", tool="GitHub", hint="check GITHUB_API_URL"
        ) from error


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    raise ToolFailed(
        f"the server refused with {answer.status_code}: {answer.text[:200]}",
        tool="GitHub",
        hint="the token needs `pull-requests: write`; that of a fork has it not",
    )


def _address(answer: httpx.Response) -> str:
    return str(_good(answer).json().get("html_url", ""))
