"""What do ids mean that only the `oasdiff` profile gives? Said by patterns, as the ids are made by patterns."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from olorin_pipelines.diff.literal.levels import LEVELS

__all__ = ["Page", "page_of"]


class Page(NamedTuple):
    """What a finding of an id says, why it matters, and what to do instead; `fix` is empty where nothing breaks."""

    says: str
    why: str
    fix: str


_SEND = "a consumer may send what was valid until now, and is refused"
_GET = "a consumer may get a value that it was never told about"
_STILL = "every value that was valid is still valid"
_KNOWN = "a consumer gets only what it could already get"
_KEEP = "keep the old schema, or take the change into a new version of the operation"
_DATE = "give `x-sunset` a day in the form 2027-03-31 that leaves consumers the agreed time"
_SAME = "calls and answers stay as they are"
_SIDE, _THING = r"(?P<side>request|response)", r"(?P<thing>body|property|parameter|header)"
_KEYWORDS = {
    "contains": "contains",
    "content-encoding": "contentEncoding",
    "content-media-type": "contentMediaType",
    "content-schema": "contentSchema",
    "dependent-required": "dependentRequired",
    "dependent-schema": "dependentSchemas",
    "discriminator-property-name": "discriminator.propertyName",
    "else": "else",
    "if": "if",
    "max-contains": "maxContains",
    "min-contains": "minContains",
    "pattern-property": "patternProperties",
    "prefix-items": "prefixItems",
    "property-names": "propertyNames",
    "then": "then",
    "unevaluated-items": "unevaluatedItems",
    "unevaluated-properties": "unevaluatedProperties",
    "x-extensible-enum-value": "x-extensible-enum",
}
_KEYWORD = "|".join(_KEYWORDS)
_STEP = "(?P<step>added|removed|changed|increased|decreased)"

# pattern of the id, what is said, why (empty: by side and level), fix (empty: none, or by level)
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    (rf"{_SIDE}-{_THING}-(?P<keyword>{_KEYWORD})-{_STEP}", "`{keyword}` of the {side} {thing} was {step}", "", ""),
    (rf"{_SIDE}-{_THING}-all-of-(?P<step>added|removed)-annotation-only",
     "a part of `allOf` of the {side} {thing} was {step} that restricts nothing", "descriptions change no value", ""),
    (rf"{_SIDE}-{_THING}-type-compatible", "the type of the {side} {thing} changed compatibly",
     "the new type only goes the way that consumers do not notice", ""),
    (rf"{_SIDE}-{_THING}-pattern-generalized", "the pattern of the {side} {thing} became one that matches everything",
     _STILL, ""),
    (rf"{_SIDE}-body-wrapped-in-one-of", "the {side} body became one branch of a `oneOf`",
     "generated clients get another type, and a value may match two branches",
     "add the other branches as operations or media types of their own"),
    (rf"{_SIDE}-(?P<need>optional|required)-property-became-(?P<word>not-)?(?P<way>read|write)-only",
     "the {need} {side} property became {word}{way}-only",
     "it moves between requests and responses; on this side it counts as {level}", "say it in both directions first"),
    (r"(?:(?P<side>request)-read|(?P<other>response)-(?:optional-|required-)?write)-only-property-(?P<what>[a-z-]+)",
     "a property that is no part of the {side} changed: {what}", "it is not sent this way, so nobody notices", ""),
    (r"request-header-property-(?P<what>[a-z-]+)", "a property of a request header {what}", _SEND, _KEEP),
    (r"new-required-request-header-property", "a required property of a request header was added", _SEND, ("make it "
     "optional")),
    (r"new-(?P<need>optional|required)-request-default-parameter-to-existing-path",
     "a parameter of a whole path was added, {need}", "it applies to each operation of the path", "make it optional"),
    (r"(?P<what>api|request-property|response-property)-stability-(?P<step>increased|decreased)",
     "`x-stability-level` of the {what} was {step}", "consumers chose by it what to rely on",
     "keep the level, or announce the end by a deprecation with a sunset date"),
    (r"api-invalid-stability-level", "`x-stability-level` is none of draft, alpha, beta and stable",
     "nobody can tell what to rely on", "write one of the four levels"),
    (r"(?P<what>[a-z-]+)-removed-before-sunset", "the {what} was removed before the day it was announced to end",
     "consumers counted on the time that was left", "keep it until its sunset date"),
    (r"(?P<what>[a-z-]+)-removed-with-deprecation", "the {what} was removed, deprecated before",
     "it was announced; who still sends it is ignored", ""),
    (r"(?P<what>[a-z-]+)-deprecated-with-sunset", "the {what} was deprecated, with the day it ends",
     "it works until then", ""),
    (r"(?P<what>[a-z-]+)-deprecated-sunset-missing", "the {what} was deprecated without the day it ends",
     "consumers cannot plan", _DATE),
    (r"(?P<what>[a-z-]+?)-(?:deprecated-)?sunset-(?:parse|invalid)", "`x-sunset` of the {what} is no date",
     "consumers cannot plan", _DATE),
    (r"(?P<what>[a-z-]+)-sunset-date-changed-too-small", "the sunset of the {what} was moved to an earlier day",
     "consumers counted on the time that was left", _DATE),
    (r"(?P<what>[a-z-]+)-sunset-date-too-small", "the sunset of the {what} leaves too little time",
     "consumers need the agreed time to move", _DATE),
    (r"(?:(?P<what>[a-z-]+)-)?sunset-deleted", "the sunset of something deprecated was deleted",
     "consumers planned with the day", "keep `x-sunset`, or take the deprecation back"),
    (r"api-global-security-(?P<what>scope-)?(?P<step>added|removed)",
     "a {what}requirement of the document's own `security` was {step}",
     "what it means for calls is told at the operations", ""),
    (r"api-security-component-(?P<what>[a-z-]+)", "a security scheme among the components changed: {what}",
     "what it means for calls is told at the operations that use it", ""),
    (r"api-tag-(?P<step>added|removed)", "a tag of an operation was {step}",
     "generated clients may group their functions by it; calls are the same", ""),
    (r"api-schema-removed", "a schema among the components was removed", "what used it is told at its operations", ""),
    (r"api-version-not-bumped", "something breaks, and `info.version` is what it was",
     "by Semantic Versioning a break needs a new major version", "raise the major version"),
    (r"api-version-decreased", "something breaks, and `info.version` went down",
     "by Semantic Versioning a break needs a new major version", "raise the major version"),
    (r"api-major-version-not-bumped", "something breaks, and only the minor or patch version was raised",
     "by Semantic Versioning a break needs a new major version", "raise the major version"),
    (r"response-media-type-name-(?P<step>changed|generalized|specialized)", "the name of a media type was {step}",
     "consumers choose by it how to read the answer", "answer the old media type too"),
)  # fmt: skip


@cache
def page_of(rule_id: str) -> Page | None:
    """Return the page of an id of oasdiff, None for one that it does not have."""
    known = LEVELS.get(rule_id)
    for pattern, says, why, fix in _ROWS if known else ():
        if known and (match := re.fullmatch(pattern, rule_id)):
            words = {name: (found or "").replace("-", " ") for name, found in match.groupdict().items()}
            words |= {"keyword": _KEYWORDS.get(match.groupdict().get("keyword") or "", ""), "level": known.level}
            words["side"] = words.get("side") or words.get("other") or ""
            words["what"] = words.get("what") or ""
            if words.get("word"):
                words["word"] = "not "
            breaks = known.level != "INFO"
            reason = why.format(**words) or _reason(words["side"], breaks=breaks)
            return Page(says.format(**words).replace("  ", " "), reason, (fix or _KEEP) if breaks else "")
    return None


def _reason(side: str, *, breaks: bool) -> str:
    if side == "request":
        return _SEND if breaks else _STILL
    return _GET if breaks else _KNOWN if side else _SAME
