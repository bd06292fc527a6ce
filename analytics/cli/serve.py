"""Start the app: its server takes the place of this process, with the settings beside the app."""

from __future__ import annotations

import argparse
import ipaddress
import os
import re
import sys
from pathlib import Path
from typing import NoReturn

from analytics.declared.language import say
from analytics.errors import ParameterError

APP = Path(__file__).resolve().parents[2] / "app.py"
"""The app, which lies beside this package in the repository and where it is installed."""

SERVER = "pages.server"
"""The package that serves the app, beside this one too."""

LOOPBACK = "127.0.0.1"
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - they are recognised here, not bound to
"""Every address of the machine. To print one, Streamlit would ask an outside service for it."""

LARGEST_PORT = 65_535
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


def serve(options: argparse.Namespace) -> NoReturn:
    """Start the app in place of this process, so that a signal to it reaches the app.

    Raises
    ------
    ParameterError
        The port or the address cannot be used, or the app does not lie beside the package.
    """
    command = start_command(port=options.port, address=options.address, headless=options.headless)
    if not is_loopback(options.address):
        sys.stderr.write(
            say(
                "headroom: whoever reaches {address} on the network can open the app, which "
                "asks nobody to sign in: put a proxy with sign-in in front of it.\n",
                address=options.address,
            )
        )
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)  # noqa: S606 - no shell: the words are checked one by one


def start_command(*, port: int | None, address: str, headless: bool, app: Path = APP) -> list[str]:
    """Return the words that start the app; whatever is wrong with the options is named at once.

    ``-P`` keeps modules that happen to lie in the current folder out of the app.

    Raises
    ------
    ParameterError
        The port or the address cannot be used, or there is no app.
    """
    faults = []
    if port is not None and not 1 <= port <= LARGEST_PORT:
        faults.append(
            say(
                "--port {port} is no port: give a whole number from 1 to {largest}.",
                port=port,
                largest=LARGEST_PORT,
            )
        )
    if not _is_address(address):
        faults.append(
            say(
                "--address {address!r} is neither an IP address nor the name of a machine: "
                "leave it out for {loopback}.",
                address=address,
                loopback=LOOPBACK,
            )
        )
    if not app.is_file():
        faults.append(
            say(
                "The app was not found beside the package (looked for {name} in {folder}): "
                "install Headroom again.",
                name=app.name,
                folder=app.parent,
            )
        )
    if faults:
        raise ParameterError(faults)
    command = [sys.executable, "-P", "-m", SERVER]
    command.append(f"--server.address={address}")
    if address in WILDCARDS:
        command.append("--browser.serverAddress=localhost")
    if port is not None:
        command.append(f"--server.port={port}")
    if headless:
        command.append("--server.headless=true")
    return command


def is_loopback(address: str) -> bool:
    """Return whether only this machine itself reaches an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_HOST.fullmatch(text)) and not re.fullmatch(r"[\d.]+", text)
    return True
