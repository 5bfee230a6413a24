"""What does an address serve? At most `max_bytes` of it, each way of failing told by its own message."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from olorin_pipelines.errors import DocumentError, DocumentUnreachable, NothingListens

if TYPE_CHECKING:
    import httpx

__all__ = ["fetch", "without_credentials"]

_REDIRECTS = 3
_ACCEPT = "application/json, application/yaml, */*;q=0.5"
_DNS = re.compile(r"name or service not known|name resolution|nodename nor servname|getaddrinfo|no address", re.I)
_STATUS_HINTS = {
    401: "set `auth:` of the service in olorin.yaml",
    403: "set `auth:` of the service in olorin.yaml; the credentials may lack a right",
    404: "correct `schema:` of the service in olorin.yaml: the path of its OpenAPI document",
}


def without_credentials(url: str) -> str:
    """Return the URL as it may be shown: no user, no password, no query, no fragment. Raises `DocumentUnreachable`."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise DocumentUnreachable(f"not an address: {error}", source="the given url") from error
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def fetch(
    url: str, *, headers: Mapping[str, str], timeout: float, max_bytes: int, client: httpx.Client | None = None
) -> bytes:
    """GET the document at `url` within `timeout` seconds in all.

    Follows at most three redirects, to the same scheme, host and port only. Raises `DocumentUnreachable`, and
    `DocumentError` when more than `max_bytes` (decoded) arrive.
    """
    import httpx

    shown = without_credentials(url)
    try:
        if client is not None:
            return _follow(client, httpx.URL(url), headers, timeout, max_bytes)
        with httpx.Client(timeout=timeout, trust_env=True) as own:
            return _follow(own, httpx.URL(url), headers, timeout, max_bytes)
    except httpx.TimeoutException as error:
        raise _timed_out(shown, timeout) from error
    except httpx.InvalidURL as error:
        raise DocumentUnreachable(f"not an address: {error}", source=shown) from error
    except httpx.DecodingError as error:
        raise DocumentUnreachable("the answer's compression is broken", source=shown) from error
    except httpx.ConnectError as error:
        raise _no_connection(error, shown) from error
    except httpx.HTTPError as error:
        raise DocumentUnreachable(
            f"the connection broke: {error or type(error).__name__}", source=shown, hint="look at the service's log"
        ) from error


def _follow(client: httpx.Client, url: httpx.URL, headers: Mapping[str, str], timeout: float, max_bytes: int) -> bytes:
    shown, deadline = without_credentials(str(url)), time.monotonic() + timeout
    for _ in range(_REDIRECTS + 1):
        request = client.build_request("GET", url, headers={"accept": _ACCEPT, **headers}, timeout=timeout)
        response = client.send(request, stream=True, follow_redirects=False)
        try:
            if not response.has_redirect_location:
                _check_status(response, shown)
                return _read(response, shown, max_bytes, timeout, deadline)
            target = url.join(response.headers["location"])
        finally:
            response.close()
        if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
            raise DocumentUnreachable(
                f"redirected to another host: {without_credentials(str(target))}",
                source=shown,
                hint="if that host is right, name it as the url of the environment",
            )
        url = target
    raise DocumentUnreachable(f"redirected more than {_REDIRECTS} times", source=shown, hint="name the final address")


def _check_status(response: httpx.Response, shown: str) -> None:
    if response.status_code == 200:
        return
    status = f"{response.status_code} {response.reason_phrase}".strip()
    default = "look at the service's log" if response.status_code >= 500 else "is this the address of the schema?"
    raise DocumentUnreachable(f"answered {status}", source=shown, hint=_STATUS_HINTS.get(response.status_code, default))


def _read(response: httpx.Response, shown: str, max_bytes: int, timeout: float, deadline: float) -> bytes:
    """Decoded bytes are counted, so that a small compressed answer cannot become a huge one."""
    body = bytearray()
    for chunk in response.iter_bytes(65_536):
        body += chunk
        if len(body) > max_bytes:
            raise DocumentError(f"larger than {max_bytes:,} bytes", source=shown, hint="raise the limit if it is meant")
        if time.monotonic() > deadline:
            raise _timed_out(shown, timeout)
    return bytes(body)


def _timed_out(shown: str, timeout: float) -> DocumentUnreachable:
    return DocumentUnreachable(
        f"no whole answer within {timeout:g} s", source=shown, hint="is the service up and idle?"
    )


def _no_connection(error: Exception, shown: str) -> DocumentUnreachable:
    host = urlsplit(shown).netloc
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return DocumentUnreachable(
                f"TLS failed: {error}", source=shown, hint="trust its certificate (SSL_CERT_FILE), or use http"
            )
        cause = cause.__cause__ or cause.__context__
    if _DNS.search(str(error)):
        return DocumentUnreachable(f"the host {host} is not known", source=shown, hint="correct the url's host name")
    if "refused" in str(error).lower():
        return NothingListens(f"nothing listens at {host}", source=shown, hint="start the service, or correct its url")
    return DocumentUnreachable(f"no connection to {host}: {error}", source=shown, hint="is the service up?")
