"""``python -m pages.server``: serve the app; ``headroom app`` starts this in place of itself.

It takes the flags and the environment variables of ``streamlit run``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click
from streamlit.web.cli import configurator_options

from pages.server.entry import APP, Entry

HOSTS = "HEADROOM_HOSTS"
"""Setting: the names under which others ask for this server, separated by commas."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - they are recognised here, not bound to
"""Every address of the machine: no name under which it is asked for."""
PRIVATE = 0o077
"""What the server writes is its own user's alone."""


@click.command()
@configurator_options
def main(**flags: Any) -> None:
    """Serve the app until a signal ends it."""
    os.umask(PRIVATE)
    # The server hands a signal on when it has stopped: the end is one in order, which clears up.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _end)
    given = {
        name.replace("_", "."): value for name, value in flags.items() if value not in {None, ()}
    }
    # The framework takes its settings from beside the script that is named as the program.
    sys.argv = [str(APP)]
    Entry().run(config={**given, "server.allowedHosts": allowed_hosts(given, os.environ)})


def allowed_hosts(given: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Return the names that are answered to: loopback, the address listened on, those set."""
    listened = [given.get("server.address", ""), given.get("browser.serverAddress", "")]
    named = environment.get(HOSTS, "").split(",")
    known = [*LOOPBACK, *listened, *given.get("server.allowedHosts", ()), *named]
    return list(dict.fromkeys(n.strip() for n in known if n.strip() and n not in WILDCARDS))


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
