"""What every answer says of itself: what the browser may load, show and pass on."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import secrets
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

from pages.server.browsers import COOKIE, browser_of

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "autoplay",
            "camera",
            "display-capture",
            "encrypted-media",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "publickey-credentials-get",
            "screen-wake-lock",
            "serial",
            "usb",
            "xr-spatial-tracking",
        )
    ),
}
"""The same for every answer."""

_RULES = {
    "default-src": "'none'",
    "script-src": "'self' {scripts}",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' {sockets}",
    "manifest-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""What a page may load. Styles are written into the page by the framework and by Plotly."""
_HOST = re.compile(r"[A-Za-z0-9.\[\]:-]+")
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_HTML = "text/html"
"""A page is asked for; of all the answers on one visit, the first alone brings a cookie."""
_TOP = "document"
"""What a browser says of a page that it shows in a tab, where it says anything."""


class SecurityHeaders:
    """Adds the headers to every answer, errors among them, and knows a browser again.

    A browser is known by a random cookie that no script can read: files that were made for its
    sessions are given to it alone. It sends the cookie when a link of another site leads here as
    well (``Lax``), so that the tabs that are open stay known; what another site asks for without
    it (a form that is sent, a frame) brings no other in its place.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and what comes back with the headers."""

        async def sent(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                _add(scope, MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, sent)


def policy(host: str) -> str:
    """Return the content security policy of a page that was asked for under a host's name.

    Some browsers do not count a WebSocket to the same host as ``'self'``: it is named.
    """
    known = bool(_HOST.fullmatch(host))
    filled = {
        "scripts": " ".join(_inline_scripts()),
        "sockets": f"ws://{host} wss://{host}" if known else "",
    }
    return "; ".join(f"{name} {rule.format(**filled)}".rstrip() for name, rule in _RULES.items())


def _add(scope: Scope, headers: MutableHeaders) -> None:
    asked = Headers(scope=scope)
    for name, value in ALWAYS.items():
        headers[name] = value
    headers["Content-Security-Policy"] = policy(asked.get("host", ""))
    if _is_visit(scope, asked) and not browser_of(scope):
        secure = "; Secure" if scope["scheme"] == "https" else ""
        headers.append(
            "Set-Cookie",
            f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax{secure}",
        )


def _is_visit(scope: Scope, asked: Headers) -> bool:
    """Whether a page is asked for in a way in which every browser sends the cookie it has."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and _HTML in asked.get("accept", "")
        and asked.get("sec-fetch-dest", _TOP) == _TOP
    )


@functools.cache
def _inline_scripts() -> tuple[str, ...]:
    """Return the hashes of the scripts that stand in the framework's own page."""
    page = Path(file_util.get_static_dir(), "index.html").read_bytes()
    digests = (hashlib.sha256(script).digest() for script in _INLINE.findall(page))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
