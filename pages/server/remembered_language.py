"""A browser's language: once switched, it is remembered in a cookie, and in no link."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from analytics.declared.language import LANGUAGES, REMEMBERED

SECONDS = 365 * 24 * 3600
"""How long a browser is remembered: a year from the last switch."""
_ASKED = re.compile(rf"/{REMEMBERED}/({'|'.join(LANGUAGES)})$")
"""The address that a page asks for when a language was chosen; below any prefix."""
_OWN = ("same-origin", "none")
"""What a browser says of a page of ours that asks; an old one says nothing."""


class RememberedLanguage:
    """Answers a choice of language with the cookie that keeps it; it holds nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on all but a choice of language."""
        found = _ASKED.search(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        answer = Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})
        if Headers(scope=scope).get("sec-fetch-site", _OWN[0]) in _OWN:
            answer.set_cookie(
                REMEMBERED,
                found[1],
                max_age=SECONDS,
                httponly=True,
                samesite="lax",
                secure=scope["scheme"] == "https",
            )
        await answer(scope, receive, send)
