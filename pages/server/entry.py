"""The app as one ASGI application: its guards, what is ready before it answers, and its upkeep."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import gc
import importlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import cli_util, config
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App
from streamlit.web.server import server_util

from analytics.accounts import temporary
from pages.server.browsers import Browsers, Media
from pages.server.doors import Doors
from pages.server.headers import SecurityHeaders
from pages.server.remembered_language import RememberedLanguage
from pages.server.stream import Sessions, Stream
from pages.server.uploads import UploadGuard, Uploads

logger = logging.getLogger(__name__)

APP = Path(__file__).resolve().parents[2] / "app.py"
"""The script that the sessions run."""
WAITS = 0.5
"""Share of the framework's time for a session without connection after which it is ended here: the
framework forgets one only when another begins or ends, and its data stay until then.
"""
_PROGRAM = ("frame", "sidebar", "intake", "table_intake", "export", "maps", "stated")
"""Modules of the pages that need all others."""
_SWEEPS = 10
"""How often a session that has ended is looked for within that time."""


class Guards:
    """What is known of sessions, and of the files that come and go with them."""

    def __init__(self) -> None:
        self.patience = WAITS * config.get_option("server.disconnectedSessionTTL")
        self._browsers = Browsers(self.patience)
        self._uploads = Uploads(_drop)
        self._sessions = Sessions(self.patience, _close)

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return an application that answers behind the guards."""
        app = Stream(app, browsers=self._browsers, uploads=self._uploads, sessions=self._sessions)
        app = UploadGuard(Media(app, self._browsers), self._uploads)
        app = RememberedLanguage(app)
        return SecurityHeaders(Doors(app))

    def sweep(self) -> bool:
        """End sessions that are left, drop files that no page holds; tell if any session ended."""
        ended = self._sessions.sweep()
        for session in ended:
            self._uploads.end(session)
        self._uploads.sweep()
        self._browsers.forget()
        return bool(ended)


class Entry(App):
    """Headroom behind its guards; every server serves this one."""

    def __init__(self) -> None:
        super().__init__(APP, lifespan=_alive)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer behind the guards, so that the framework's own errors pass them too."""
        await self._guarded(scope, receive, send)

    @functools.cached_property
    def guards(self) -> Guards:
        """What the guards know, made when the settings have been read."""
        return Guards()

    @functools.cached_property
    def _guarded(self) -> ASGIApp:
        return self.guards.around(super().__call__)


@contextlib.asynccontextmanager
async def _alive(app: App) -> AsyncIterator[None]:
    """Have everything ready before the first request is answered, and look after it."""
    temporary.clean()
    # A folder called pages makes the framework look for the pages in it, until the script has named
    # them once: the first visitor of a deep link would be told that there is no such page.
    PagesManager.uses_pages_directory = False
    _freeze_program()
    upkeep = asyncio.create_task(_look_after(app), name="upkeep")
    if not config.get_option("server.headless"):
        address = server_util.get_display_address(config.get_option("server.address"))
        cli_util.open_browser(server_util.get_url(address))
    try:
        yield
    finally:
        upkeep.cancel()


def _freeze_program() -> None:
    """Load the program, and keep it out of the framework's collections after every run.

    Before there is a session: of what is frozen nothing is ever collected.
    """
    for name in _PROGRAM:
        importlib.import_module(f"pages.shared.{name}")
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


async def _look_after(app: App) -> None:
    guards, to_wait = cast(Entry, app).guards, 0
    while True:
        await asyncio.sleep(guards.patience / _SWEEPS)
        ended = False
        try:
            ended = guards.sweep()
            if ended or to_wait == 1:
                # What a session held names itself in circles; its data are on disk until they are
                # cut.
                await asyncio.to_thread(gc.collect)
        except Exception:
            logger.exception("The upkeep failed once; it goes on.")
        # Once more, for a run that had not come to its end.
        to_wait = _SWEEPS if ended else max(to_wait - 1, 0)


def _drop(session: str, file: str) -> None:
    cast(MemoryUploadedFileManager, Runtime.instance().uploaded_file_mgr).remove_file(session, file)


def _close(session: str) -> None:
    """End a session: its state, caches, uploads and the files that were made for it."""
    runtime = Runtime.instance()
    found = runtime._session_mgr.get_session_info(session)  # noqa: SLF001 - there is no public way
    runtime.close_session(session)
    if found is not None:
        # The framework's loop holds on to the last session that it served, until another comes.
        found.session.session_state.clear()
    # Downloads are marked at the first look and removed at the second.
    runtime.media_file_mgr.remove_orphaned_files()
