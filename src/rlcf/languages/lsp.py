"""Checkers that are language servers: kept warm, asked for the diagnostics of one text after the other.

The Language Server Protocol, 3.17: a text is opened, its diagnostics are pulled, and it is closed. The server sees no
other text, and a folder of ours that holds nothing but its settings.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.workers.child import Child, ChildDied

_LARGEST_MESSAGE = 1 << 28
_CANCELLED = -32802
"""The server wants to be asked again."""
_ASKED_AGAIN = 20
_START_S = 60.0
_SURROGATE = re.compile("[\ud800-\udfff]")


class LspChild(Child):
    """A language server that answers a text, in UTF-8, with its diagnostics as a JSON list.

    Args:
        folder: the root of its workspace.
        file: the name of the file that a text is taken for.
        language_id: as the protocol names the language.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None,
        folder: Path,
        file: str,
        language_id: str,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(command, environment)
        self._uri = (folder / file).as_uri()
        self._language_id = language_id
        self._settings = settings or {}
        self._numbers = itertools.count(1)
        self.encoding = "utf-16"
        """The units of its columns."""
        try:
            self._initialize(folder)
        except BaseException:
            self.close()
            raise

    def request_all(self, payloads: Sequence[bytes], timeout_s: float) -> Iterator[bytes]:
        """See `Child.request_all`. One text is open at a time: no other one can be imported from it."""
        for payload in payloads:
            deadline = time.monotonic() + timeout_s
            text = _SURROGATE.sub("\ufffd", payload.decode("utf-8", "surrogatepass"))  # JSON has none
            opened = {"uri": self._uri, "languageId": self._language_id, "version": next(self._numbers), "text": text}
            self._notify("textDocument/didOpen", {"textDocument": opened}, deadline)
            diagnostics = self._pull(deadline)
            self._notify("textDocument/didClose", {"textDocument": {"uri": self._uri}}, deadline)
            yield json.dumps(diagnostics).encode()

    def _initialize(self, folder: Path) -> None:
        deadline = time.monotonic() + _START_S
        root = {"uri": folder.as_uri(), "name": folder.name}
        capabilities = {
            "general": {"positionEncodings": ["utf-32", "utf-16"]},
            "textDocument": {"diagnostic": {}},
            "workspace": {"configuration": True, "workspaceFolders": True},
        }
        told: dict[str, Any] = {
            "processId": None,
            "rootUri": root["uri"],
            "workspaceFolders": [root],
            "capabilities": capabilities,
        }
        if self._settings:
            told["initializationOptions"] = self._settings
        answer = self._ask("initialize", told, deadline)
        self.encoding = answer.get("capabilities", {}).get("positionEncoding", "utf-16")
        self._notify("initialized", {}, deadline)

    def _pull(self, deadline: float) -> list[Any]:
        for _ in range(_ASKED_AGAIN):
            answer = self._ask("textDocument/diagnostic", {"textDocument": {"uri": self._uri}}, deadline)
            if answer is not None:
                return list(answer.get("items", ()))
        raise ChildDied(f"process {self.pid} cancels the request for diagnostics again and again", None)

    def _ask(self, method: str, parameters: Mapping[str, Any], deadline: float) -> Any:
        """The result of a request; `None` where the server has cancelled it."""
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": parameters}, deadline)
        while True:
            message = self._receive(deadline)
            if "method" in message:
                self._answer(message, deadline)
            elif message.get("id") == number:
                if "error" not in message:
                    return message.get("result") or {}
                if message["error"].get("code") == _CANCELLED:
                    return None
                raise ChildDied(f"process {self.pid} refuses {method}: {message['error'].get('message')}", None)

    def _answer(self, message: Mapping[str, Any], deadline: float) -> None:
        """Answers a request of the server's: it has no settings but those it was started with."""
        if "id" in message:
            items = message.get("params", {}).get("items", [])
            result = [self._settings for _ in items] if message["method"] == "workspace/configuration" else None
            self._send({"id": message["id"], "result": result}, deadline)

    def _notify(self, method: str, parameters: Mapping[str, Any], deadline: float) -> None:
        self._send({"method": method, "params": parameters}, deadline)

    def _send(self, message: Mapping[str, Any], deadline: float) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._pipes.send(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        while self._pipes.unsent:
            self._exchange(deadline)

    def _receive(self, deadline: float) -> dict[str, Any]:
        while (message := self._take_message()) is None:
            self._exchange(deadline)
        return message

    def _take_message(self) -> dict[str, Any] | None:
        """The next whole message received so far, if there is one."""
        head, separator, _ = bytes(self._received[:4096]).partition(b"\r\n\r\n")
        if not separator:
            return None
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        if len(lengths) != 1 or not lengths[0].strip().isdigit() or int(lengths[0]) > _LARGEST_MESSAGE:
            raise ChildDied(f"process {self.pid} sent no message but {head[:80]!r}", None)
        start = len(head) + len(separator)
        end = start + int(lengths[0])
        if len(self._received) < end:
            return None
        body = bytes(self._received[start:end])
        del self._received[:end]
        try:
            message = json.loads(body)
        except ValueError as error:
            raise ChildDied(f"process {self.pid} sent a message that is no JSON: {error}", None) from error
        if not isinstance(message, dict):
            raise ChildDied(f"process {self.pid} sent a message that is no object", None)
        return message
