"""Checkers that are language servers: kept warm, asked for the diagnostics of one text after the other.

The Language Server Protocol, 3.17: a text takes the place of the one before it in an open file, and its diagnostics
are pulled. The server sees a folder of ours that holds nothing but its settings. Where it takes several texts at once,
each has a file of its own, whose name no text knows.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.workers.child import Child, ChildDied

_LARGEST_MESSAGE = 1 << 28
_AT_ONCE = 32
"""Texts that a server is given at the same time; where it builds something for all of them, it is built once."""
_DIAGNOSTIC = "textDocument/diagnostic"
_CANCELLED = -32802
"""The server wants to be asked again."""
_ASKED_AGAIN = 20
_START_S = 60.0
_FILE_S = 600.0
"""Seconds that a file of a tree may take by itself."""
_REJECTING = (1, 2)
"""Severities of errors and of warnings, which may be errors to a compiler."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class LspChild(Child):
    """A language server that answers texts, in UTF-8, with their diagnostics as JSON lists.

    Args:
        folder: the root of its workspace.
        files: the names of the files that texts are taken for; so many are given to it at once.
        language_id: as the protocol names the language.
        alone: whether a text may reach others that are given at the same time.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None,
        folder: Path,
        files: Sequence[str],
        language_id: str,
        settings: Mapping[str, Any] | None = None,
        alone: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        super().__init__(command, environment)
        self._uris = [(folder / file).as_uri() for file in files]
        self._opened: set[str] = set()
        self._alone = alone
        self._language_id = language_id
        self._settings = settings or {}
        self._numbers = itertools.count(1)
        self._replies: dict[int, dict[str, Any]] = {}
        """Those that have come before they were waited for, by the numbers of their requests."""
        self.encoding = "utf-16"
        """The units of its columns."""
        try:
            self._initialize(folder)
        except BaseException:
            self.close()
            raise

    def request_all(self, payloads: Sequence[bytes], timeout_s: float) -> Iterator[bytes]:
        """See `Child.request_all`."""
        for batch in _batches(payloads, len(self._uris), self._alone):
            deadline = time.monotonic() + timeout_s
            asked = self._uris[: len(batch)]
            for uri, payload in zip(asked, batch, strict=True):
                self._put(uri, payload.decode("utf-8", "surrogatepass"), deadline)
            for diagnostics in self._pull_all(asked, deadline, timeout_s):
                yield json.dumps(diagnostics).encode()

    def _put(self, uri: str, text: str, deadline: float) -> None:
        """Gives a file another text: far cheaper for a server than to close it and to open it again."""
        if uri not in self._opened:
            self._opened.add(uri)
            self._open(uri, text, deadline)
            return
        file = {"uri": uri, "version": next(self._numbers)}
        changed = {"textDocument": file, "contentChanges": [{"text": _SURROGATE.sub("\ufffd", text)}]}
        self._notify("textDocument/didChange", changed, deadline)

    def _open(self, uri: str, text: str, deadline: float) -> None:
        text = _SURROGATE.sub("\ufffd", text)  # JSON has none
        opened = {"uri": uri, "languageId": self._language_id, "version": next(self._numbers), "text": text}
        self._notify("textDocument/didOpen", {"textDocument": opened}, deadline)

    def _close(self, uri: str, deadline: float) -> None:
        self._notify("textDocument/didClose", {"textDocument": {"uri": uri}}, deadline)

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

    def _pull(self, uri: str, deadline: float) -> list[Any]:
        """The diagnostics of a text that is open, or of a file where the server gives those, too."""
        for _ in range(_ASKED_AGAIN):
            answer = self._ask(_DIAGNOSTIC, {"textDocument": {"uri": uri}}, deadline)
            if answer is not None:
                return list(answer.get("items", ()))
        raise ChildDied(f"process {self.pid} cancels the request for diagnostics again and again", None)

    def _pull_all(self, uris: Sequence[str], deadline: float, timeout_s: float) -> Iterator[list[Any]]:
        """The same of several texts, in order. All are asked for at once: that takes a server half the time."""
        numbers = [self._request(_DIAGNOSTIC, {"textDocument": {"uri": uri}}, deadline) for uri in uris]
        for number, uri in zip(numbers, uris, strict=True):
            answer = self._result(number, _DIAGNOSTIC, deadline)
            yield self._pull(uri, deadline) if answer is None else list(answer.get("items", ()))
            deadline = time.monotonic() + timeout_s

    def _ask(self, method: str, parameters: Mapping[str, Any], deadline: float) -> Any:
        """The result of a request; `None` where the server has cancelled it."""
        return self._result(self._request(method, parameters, deadline), method, deadline)

    def _request(self, method: str, parameters: Mapping[str, Any], deadline: float) -> int:
        """Sends a request; its number."""
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": parameters}, deadline)
        return number

    def _result(self, number: int, method: str, deadline: float) -> Any:
        """What a request has led to; `None` where the server has cancelled it."""
        while number not in self._replies:
            message = self._receive(deadline)
            if "method" in message:
                self._answer(message, deadline)
            elif isinstance(message.get("id"), int):
                self._replies[message["id"]] = message
        message = self._replies.pop(number)
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


class TreeLspChild(LspChild):
    """A language server that sees a source tree. A text stands in the place of a file there, for its own request only.

    A request is a JSON object: `text`, its `path` in the tree, and whether the errors `elsewhere` are wanted. So is the
    answer: the diagnostics of the text (`own`), those of the file in whose place it stands (`known`), and the errors
    that other files have because of it (`elsewhere`), by their paths.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None,
        folder: Path,
        files: Sequence[str],
        language_id: str,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """`files` are all files of the tree; the server has to give the diagnostics of files that are not open."""
        super().__init__(command, environment, folder, (), language_id, settings)
        self._folder, self._files = folder, tuple(files)
        self._known: dict[str, list[Any]] = {}

    def request_all(self, payloads: Sequence[bytes], timeout_s: float) -> Iterator[bytes]:
        """See `Child.request_all`. What the tree costs by itself is not charged to a request."""
        for payload in payloads:
            asked = json.loads(payload)
            path, others = asked["path"], [f for f in self._files if asked["elsewhere"] and f != asked["path"]]
            for file in (path, *others):
                self._read(file)
            deadline = time.monotonic() + timeout_s
            self._open(self._at(path), asked["text"], deadline)
            own = self._pull(self._at(path), deadline)
            elsewhere = {file: self._new(file, deadline) for file in others}
            self._close(self._at(path), deadline)
            told = {"own": own, "known": self._known[path], "elsewhere": {f: e for f, e in elsewhere.items() if e}}
            yield json.dumps(told).encode()

    def read_all(self) -> dict[str, list[Any]]:
        """The diagnostics of all files as they are, by their paths."""
        for file in self._files:
            self._read(file)
        return {file: self._known[file] for file in self._files}

    def _at(self, file: str) -> str:
        return (self._folder / file).as_uri()

    def _read(self, file: str) -> None:
        if file not in self._known:
            there = file in self._files
            self._known[file] = self._pull(self._at(file), time.monotonic() + _FILE_S) if there else []

    def _new(self, file: str, deadline: float) -> list[Any]:
        """The errors and warnings of a file that it does not have by itself."""
        known = [_key(item) for item in self._known[file]]
        found = self._pull(self._at(file), deadline)
        return [i for i in found if i.get("severity") in _REJECTING and _key(i) not in known]


def unknown_names(suffix: str, count: int = _AT_ONCE) -> list[str]:
    """Names of files for texts that are given together: no text can name another one to import it."""
    return [f"p{secrets.token_hex(8)}{suffix}" for _ in range(count)]


def _batches(payloads: Sequence[bytes], size: int, alone: Callable[[bytes], bool]) -> Iterator[list[bytes]]:
    """The payloads in order, at most `size` at a time; those that are to be alone come alone."""
    batch: list[bytes] = []
    for payload in payloads:
        is_alone = alone(payload)
        if batch and (is_alone or len(batch) == size):
            yield batch
            batch = []
        batch.append(payload)
        if is_alone:
            yield batch
            batch = []
    if batch:
        yield batch


def _key(item: Mapping[str, Any]) -> tuple[str, int, int]:
    start = item["range"]["start"]
    return str(item.get("code", "")), start["line"], start["character"]
