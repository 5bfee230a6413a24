"""With which credentials, and over which connection, is a service called?"""

from olorin_pipelines.access.connection import Connection
from olorin_pipelines.access.credentials import Credentials, with_query
from olorin_pipelines.access.patience import Patience, asked_to_wait
from olorin_pipelines.access.pinned import Pinned
from olorin_pipelines.access.tokens import ClientCredentials, CommandToken, Token, TokenSource

__all__ = [
    "ClientCredentials",
    "CommandToken",
    "Connection",
    "Credentials",
    "Patience",
    "Pinned",
    "Token",
    "TokenSource",
    "asked_to_wait",
    "with_query",
]
