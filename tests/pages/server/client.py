"""A browser without a window: its cookies, its requests, and the WebSocket of a session."""

from __future__ import annotations

import http.client
import http.cookies
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

PAGE = {"Accept": "text/html,*/*"}
SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, headers by their names in small letters, and body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Browser:
    """One browser profile on a server."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.origin = address
        self.cookies: dict[str, str] = {}
        self._strict: set[str] = set()

    def ask(
        self,
        path: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Make a request; keep the cookies that come back."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**({"Cookie": cookies} if cookies else {}), **(headers or {})}
        connection = http.client.HTTPConnection(self.host, timeout=SECONDS)
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        for value in answer.headers.get_all("Set-Cookie") or ():
            for name, cookie in http.cookies.SimpleCookie(value).items():
                self.cookies[name] = cookie.value
                if cookie["samesite"].casefold() == "strict":
                    self._strict.add(name)
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, read)

    def follow(self, path: str) -> Answer:
        """Follow a link that stands on a page of another site: strict cookies are not sent."""
        sent = {n: value for n, value in self.cookies.items() if n not in self._strict}
        cookies = "; ".join(f"{name}={value}" for name, value in sent.items())
        fetch = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
        return self.ask(path, headers={**PAGE, **fetch, "Cookie": cookies})

    @contextmanager
    def session(self, **headers: str) -> Iterator[Session]:
        """Open the app as a page does: its document, its health, then the WebSocket."""
        self.ask("/", headers=PAGE)
        self.ask("/_stcore/health")
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with connect(
            f"ws://{self.host}/_stcore/stream",
            subprotocols=["streamlit", self.cookies["_streamlit_xsrf"]],  # type: ignore[list-item]
            additional_headers={"Cookie": cookies, "Origin": self.origin, **headers},
            max_size=None,
            open_timeout=SECONDS,
        ) as socket:
            yield Session(self, socket)

    def put(self, address: str, data: bytes, **headers: str) -> Answer:
        """Send a file as an uploader does."""
        edge = uuid.uuid4().hex
        kind = 'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        body = f"--{edge}\r\n{kind}\r\n".encode() + data + f"\r\n--{edge}--\r\n".encode()
        sent = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "X-Xsrftoken": self.cookies.get("_streamlit_xsrf", ""),
            "Origin": self.origin,
            **headers,
        }
        return self.ask(address, "PUT", sent, body)


class Session:
    """The messages of one session, both ways."""

    def __init__(self, browser: Browser, socket: ClientConnection) -> None:
        self.browser = browser
        self.socket = socket
        self.heard: list[Any] = []

    def send(self, **message: Any) -> None:
        """Send a message of a page."""
        self.socket.send(BackMsg(**message).SerializeToString())

    def until(self, found: Callable[[Any], object]) -> Any:
        """Return the first message from now on that is looked for."""
        while True:
            data = self.socket.recv(timeout=SECONDS)
            message = ForwardMsg.FromString(data)
            self.heard.append(message)
            if found(message):
                return message

    def run(self, **state: Any) -> list[Any]:
        """Run the script; return what it sent."""
        start = len(self.heard)
        self.send(rerun_script=state)
        self.until(lambda message: message.WhichOneof("type") == "script_finished")
        return self.heard[start:]

    def element(self, kind: str, label: str) -> Any:
        """Return what was sent of the widget of a kind whose label begins so."""
        elements = (message.delta.new_element for message in reversed(self.heard))
        found = (getattr(element, kind) for element in elements if element.HasField(kind))
        return next(widget for widget in found if widget.label.startswith(label))

    def upload_addresses(self, count: int = 1) -> list[str]:
        """Ask for addresses to send files to."""
        names = [f"{number}.csv" for number in range(count)]
        self.send(file_urls_request={"request_id": uuid.uuid4().hex, "file_names": names})
        told = self.until(lambda message: message.WhichOneof("type") == "file_urls_response")
        return [urls.upload_url for urls in told.file_urls_response.file_urls]


def download_in(messages: list[Any]) -> str:
    """Return the address of a file that a run offers for download."""
    addresses = [message.delta.new_element.download_button.url for message in messages]
    return next(address for address in addresses if address)
