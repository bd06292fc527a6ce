"""The command line: a thin shell over the same calls as the pages.

Exit codes: 0 done; 1 done, but rows were rejected (``check``) or an export is not what was written
(``verify-export``); 2 the input cannot be used, one line a fault; 3 a fault of the program.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import traceback
from collections.abc import Sequence

from analytics.accounts.allowance import allowed
from analytics.cli.arguments import check_places, parsed
from analytics.cli.commands import COMMANDS
from analytics.cli.spoken_language import speaking
from analytics.declared.first_faults import first_faults
from analytics.declared.language import say
from analytics.errors import HeadroomError

DEBUG = "HEADROOM_DEBUG"
UNUSABLE, BROKEN, STOPPED = 2, 3, 130
_UNHEARD = logging.NullHandler()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what goes wrong is said in sentences."""
    words = sys.argv[1:] if arguments is None else arguments
    with speaking(words):
        return _run(words)


def _run(words: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # What goes wrong is said once, in a sentence; the log of the same would stand beside it.
    logging.getLogger("analytics").addHandler(_UNHEARD)
    try:
        options = parsed(words)
        check_places(options)
        allowed()
        code = COMMANDS[options.command](options)
        sys.stdout.flush()
    except HeadroomError as error:
        _say(*first_faults(error.faults))
        return UNUSABLE
    except BrokenPipeError:
        # Whoever reads the output has seen enough; the interpreter must not flush it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        _say(say("stopped."))
        return STOPPED
    except Exception as error:  # noqa: BLE001 - the last place where a fault becomes a sentence
        return _unexpected(error)
    return code


def _unexpected(error: Exception) -> int:
    identity = secrets.token_hex(4)
    _say(
        say(
            "something went wrong in the program (error {identity}). Run it again with "
            "{setting}=1 to see the details.",
            identity=identity,
            setting=DEBUG,
        )
    )
    if os.environ.get(DEBUG) == "1":
        sys.stderr.write("".join(traceback.format_exception(error)))
    return BROKEN


def _say(*faults: str) -> None:
    for fault in faults:
        sys.stderr.write(f"headroom: {' '.join(fault.split())}\n")
