"""Requests and answers on one connection: Sanic's own reader and writer, with stricter framing and bounded answers.

What Sanic's parser takes although HTTP forbids it is refused here with 400, because a proxy in front of the hub may
read it differently (request smuggling). A large answer goes out in pieces, each when the one before has drained.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from sanic.exceptions import BadRequest, PayloadTooLarge
from sanic.http import Http, Stage

if TYPE_CHECKING:
    from hub.http.connection import HttpConnection

PIECE_BYTES = 32768
"""Of a larger answer at most this much is given to the connection at once."""
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
VALUE = rb"[\t\x20-\x7e\x80-\xff]*+"
HEAD = re.compile(rb"%s [\x21-\x7e]++ HTTP/1\.[01](?:\r\n%s:%s)*+" % (TOKEN, TOKEN, VALUE))  # RFC 9112, 3 and 5
HOST = rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*+|\[[0-9A-Fa-f:.v]++\])(?::[0-9]{0,5})?"
ONE_HOST = re.compile(HOST)
OTHERS = rb"(?:\r\n(?!(?i:host:|connection:(?! ?keep-alive(?:\r\n|\Z))))%s:%s)*+" % (TOKEN, VALUE)
USUAL = re.compile(rb"%s [\x21-\x7e]++ HTTP/1\.1%s\r\n(?i:host):[ \t]*+%s[ \t]*+%s" % (TOKEN, OTHERS, HOST, OTHERS))
"""A head in which nothing is left to look at: HTTP/1.1, one good Host, and no Connection but keep-alive."""
CHUNK_SIZE = re.compile(r"[0-9A-Fa-f]{1,15}[ \t]*")
DIGITS = re.compile(r"[0-9]{1,18}[ \t]*")


class Exchange(Http):
    """One request after the other, each with its answer."""

    __slots__ = ()
    protocol: HttpConnection
    request_body: Any  # "chunked", True, or None when there is none or it was read

    def http1_request_header(self) -> Coroutine[Any, Any, None]:
        """Receive a head and check its form before Sanic parses it. Raises BadRequest, PayloadTooLarge.

        Each layer of coroutines costs a request: a usual head goes straight to Sanic's.
        """
        end = self.recv_buffer.find(b"\r\n\r\n")
        if 0 < end < self.HEADER_MAX_SIZE and USUAL.fullmatch(self.recv_buffer, 0, end):
            found: Coroutine[Any, Any, None] = super().http1_request_header()  # type: ignore[no-untyped-call]
            return found
        return self._read_head()

    async def _read_head(self) -> None:
        buffer = self.recv_buffer
        searched = 0
        while True:
            while buffer.startswith(b"\r\n"):  # empty lines before a request are allowed (RFC 9112, 2.2)
                del buffer[:2]
                searched = 0
            if (end := buffer.find(b"\r\n\r\n", searched)) >= 0:
                break
            searched = max(0, len(buffer) - 3)
            if searched >= self.HEADER_MAX_SIZE:
                raise PayloadTooLarge("The request's head is too large.")
            await self._receive_more()
        if not HEAD.fullmatch(buffer, 0, end):
            raise BadRequest("The request's head is not of the form that HTTP/1.1 prescribes.")
        await super().http1_request_header()  # type: ignore[no-untyped-call]
        request = self.request
        hosts = request.headers.getall("host", None)
        if hosts is None:
            if request.version == "1.1":
                self._refuse("A request of HTTP/1.1 needs the header Host.")
        elif len(hosts) > 1 or not ONE_HOST.fullmatch(hosts[0].strip().encode(errors="surrogateescape")):
            self._refuse("The header Host must be there once, with a host and perhaps a port.")
        if "connection" in request.headers:
            self._read_connection_header(request.version)
        if request.version == "1.0" and self.request_body == "chunked":
            self._refuse("A request of HTTP/1.0 can't be chunked.")

    def _refuse(self, why: str) -> None:
        self.keep_alive = False  # what follows it may be meant as anything
        self.request_body = None
        raise BadRequest(why)

    def _read_connection_header(self, version: str) -> None:
        """Sanic compares the whole value; it is a list (RFC 9112, 9.3)."""
        values = self.request.headers.getall("connection")
        options = {part.strip().lower() for value in values for part in value.split(",")}
        self.keep_alive = "close" not in options and (version == "1.1" or "keep-alive" in options)
        if not self.protocol.app.config.KEEP_ALIVE:
            self.keep_alive = False

    async def read(self) -> bytes | None:
        """Some bytes of the body. Sanic does not look at the line end that each chunk must have behind it."""
        if self.request_bytes_left == 0 and self.request_body == "chunked":
            while len(self.recv_buffer) < 2:
                await self._receive_more()
            if self.recv_buffer[:2] != b"\r\n":
                self.keep_alive = False
                raise BadRequest("The body's chunks are not of the form that HTTP/1.1 prescribes.")
        found: bytes | None = await super().read()
        return found

    @staticmethod
    def _safe_int(value: str, base: int = 10) -> int:
        """Content-Length or a chunk's size; int() would take 0x21, spaces and digits of other scripts too."""
        if not (CHUNK_SIZE if base == 16 else DIGITS).fullmatch(value):
            raise ValueError("no number")
        return int(value, base)

    def http1_response_header(self, data: bytes, end_stream: bool) -> Coroutine[Any, Any, None]:
        """Send an answer's head, and its body with it or, if it is large, in pieces after it."""
        answer = self.response
        if always := self.protocol.always:
            answer.headers.update(always)
        body = getattr(answer, "body", None)
        if data or not body or len(body) <= PIECE_BYTES or self.head_only or answer.status in (204, 304):
            return super().http1_response_header(data, end_stream)
        return self._send_in_pieces(memoryview(body.encode() if isinstance(body, str) else body))

    async def _send_in_pieces(self, pieces: memoryview) -> None:
        self.response.headers["content-length"] = len(pieces)
        await super().http1_response_header(pieces[:PIECE_BYTES], False)  # type: ignore[arg-type]  # any buffer will do
        for start in range(PIECE_BYTES, len(pieces), PIECE_BYTES):
            end = start + PIECE_BYTES
            await self.http1_response_normal(pieces[start:end], end >= len(pieces))  # type: ignore[arg-type]

    async def error_response(self, exception: BaseException) -> None:
        """Answer a request that failed, if its client is still there."""
        if self.protocol.gone:
            self.keep_alive = False
            self.request_body = None
            return
        if self.stage is not Stage.HANDLER:  # the request was not read to its end
            self.protocol.unread = True
        await super().error_response(exception)  # type: ignore[arg-type]
        if not self.keep_alive and self.request_body:
            self.request_body = None  # the connection is closed: it throws away what still comes
            self.protocol.unread = True

    def create_empty_request(self) -> None:
        """What Sanic's error handling needs in place of a request; a target that can't be parsed has no place in it."""
        self.url = None
        super().create_empty_request()
