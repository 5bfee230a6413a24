"""Which bugs can the seeded service have, and which check has to name each of them?"""

from __future__ import annotations

BUGS: dict[str, str] = {
    # what an answer says
    "field_missing": "response_schema",
    "wrong_type": "response_schema",
    "null_not_nullable": "response_schema",
    "date_format": "response_schema",
    "value_outside_enum": "response_schema",
    "undocumented_field": "response_schema",
    "empty_body": "response_schema",
    "wrong_content_type": "content_type",
    "header_missing": "response_headers",
    "header_wrong": "response_headers",
    "undocumented_status": "status_documented",
    "undocumented_refusal": "status_documented",
    "error_body_wrong": "error_body",
    "error_media_wrong": "error_body",
    "refusal_401_body_wrong": "error_body",
    # when it breaks
    "boundary_500": "server_error",
    "inside_range_500": "server_error",
    "not_found_500": "server_error",
    "malformed_body_500": "server_error",
    "null_500": "server_error",
    "quote_in_body_500": "server_error",
    "quote_in_query_500": "server_error",
    "empty_json_500": "server_error",
    # who may ask
    "auth_not_enforced": "auth_required",
    "auth_not_enforced_on_delete": "auth_required",
    "garbage_token_accepted": "token_refused",
    "signature_not_checked": "token_refused",
    "algorithm_none_accepted": "token_refused",
    "expired_token_accepted": "token_refused",
    # what is refused
    "required_not_enforced": "constraints_enforced",
    "required_header_not_enforced": "constraints_enforced",
    "enum_not_enforced": "constraints_enforced",
    "query_enum_not_enforced": "constraints_enforced",
    "ge_not_enforced": "constraints_enforced",
    "le_not_enforced": "constraints_enforced",
    "lt_not_enforced": "constraints_enforced",
    "multiple_of_not_enforced": "constraints_enforced",
    "min_length_not_enforced": "constraints_enforced",
    "max_length_not_enforced": "constraints_enforced",
    "pattern_not_enforced": "constraints_enforced",
    "path_pattern_not_enforced": "constraints_enforced",
    "max_items_not_enforced": "constraints_enforced",
    "unique_items_not_enforced": "constraints_enforced",
    "extra_field_accepted": "constraints_enforced",
    "valid_value_refused": "valid_request_accepted",
    # how requests hang together
    "undocumented_method": "unsupported_method",
    "use_after_delete": "use_after_delete",
    "created_not_found": "resource_available",
    "limit_ignored": "pagination_honoured",
    "offset_ignored": "pagination_honoured",
    "slow_endpoint": "response_time",
    "order_dependence": "same_again",
}
"""A bug, and the check that has to find it. One at a time is switched on."""
