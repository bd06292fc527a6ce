"""Who is let in: who asks for a name of this server's, from its own pages, for what it serves."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.server_util import is_allowed_origin
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from analytics.declared.language import say

POLICY_VIOLATION = 1008
"""How a WebSocket is refused (RFC 6455)."""
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_CLOSED = re.compile(r"(^|/)_stcore/(metrics|agent|script-health-check)(/|$)")
"""What is open to anybody in the framework, and needed by none of the pages; below any prefix."""


class Doors:
    """Refuses other names of the host, other origins, and addresses that nobody needs.

    The names are the framework's setting ``server.allowedHosts``, which the start of the app fills;
    other origins that may ask are its ``server.corsAllowedOrigins``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may come in."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_host_allowed(hosts[0]):
            status, why = HTTPStatus.BAD_REQUEST, _other_host()
        elif _is_foreign(scope, headers.getlist("origin"), hosts[0]):
            status, why = HTTPStatus.FORBIDDEN, say("A page of another site may not ask for this.")
        elif _CLOSED.search(scope["path"]):
            status, why = HTTPStatus.NOT_FOUND, say("There is nothing here.")
        else:
            await self._app(scope, receive, send)
            return
        await refuse(scope, receive, send, status, why)


async def refuse(scope: Scope, receive: Receive, send: Send, status: HTTPStatus, why: str) -> None:
    """Answer a request with a sentence; close a WebSocket that has not been opened."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await PlainTextResponse(why, status_code=status)(scope, receive, send)


def _other_host() -> str:
    return say(
        "This server does not answer to that name: whoever runs it gives its names in "
        "HEADROOM_HOSTS, separated by commas."
    )


def _is_foreign(scope: Scope, origins: list[str], host: str) -> bool:
    """Whether another site's page asks for a WebSocket or a change; programs send no origin."""
    if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
        return False
    return any(not _is_own(origin, host) and not is_allowed_origin(origin) for origin in origins)


def _is_own(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
