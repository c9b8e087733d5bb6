"""What mongo-java-server lacks: TLS and a login. Everything else is handed on to it.

Source: MongoDB manual, "MongoDB Wire Protocol"; error codes as in MongoDB's error_codes.yml.
"""

import asyncio
import ssl
import struct
from pathlib import Path
from typing import Callable

import bson

import scram

HEADER = struct.Struct("<iiii")
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
MORE_TO_COME = 2
GREETINGS = {"hello", "ismaster"}
# What MongoDB answers before anybody has logged in.
OPEN_TO_ALL = GREETINGS | {"ping", "buildinfo"}
UNAUTHORIZED = {"ok": 0.0, "code": 13, "codeName": "Unauthorized"}
REFUSED = {
    **{"ok": 0.0, "code": 18, "codeName": "AuthenticationFailed"},
    "errmsg": "Authentication failed.",
}


class Message:
    """One request or answer, with the command or the answer's body read out of it."""

    def __init__(self, header: bytes, rest: bytes) -> None:
        _, self.id, self.answers, self.kind = HEADER.unpack(header)
        self.bytes = header + rest
        if self.kind == OP_MSG:
            self.unanswered = bool(struct.unpack_from("<I", rest)[0] & MORE_TO_COME)
            self.body = _body_of_sections(rest[4:])
        elif self.kind == OP_QUERY:
            self.unanswered = False
            # Flags, the collection's name up to a zero, two numbers, the command.
            start = rest.index(0, 4) + 9
            self.body = bson.decode(_document_at(rest, start))
        else:
            self.unanswered = False
            # Flags, a cursor, two numbers, the answer.
            self.body = bson.decode(_document_at(rest, 20))

    @property
    def name(self) -> str:
        return next(iter(self.body), "").lower()


def _body_of_sections(sections: bytes) -> dict:
    """The section of kind 0; those of kind 1 are lists of documents for it."""
    start = 0
    while sections[start] == 1:
        start += 1 + struct.unpack_from("<i", sections, start + 1)[0]
    return bson.decode(_document_at(sections, start + 1))


def _document_at(data: bytes, start: int) -> bytes:
    return data[start : start + struct.unpack_from("<i", data, start)[0]]


def answer(request: Message, body: dict) -> bytes:
    """An answer of ours in the form in which it was asked."""
    document = bson.encode(body)
    if request.kind == OP_MSG:
        kind, payload = OP_MSG, struct.pack("<IB", 0, 0) + document
    else:
        kind, payload = OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + document
    return HEADER.pack(HEADER.size + len(payload), 0, request.id, kind) + payload


async def read(stream: asyncio.StreamReader) -> Message:
    header = await stream.readexactly(HEADER.size)
    return Message(header, await stream.readexactly(HEADER.unpack(header)[0] - HEADER.size))


class Session:
    """One client's connection, and its own to the server behind."""

    def __init__(self, account: Callable[[], tuple[str, str]], client, server) -> None:
        self.account, self.client, self.server = account, client, server
        self.login: scram.Conversation | None = None
        self.short = False

    async def serve(self) -> None:
        reader, writer = self.client
        while True:
            request = await read(reader)
            given = await self._answer(request)
            if given:
                writer.write(given)
                await writer.drain()

    async def _answer(self, request: Message) -> bytes:
        """What the client gets; nothing if it asked for nothing."""
        if request.name == "saslstart":
            return answer(request, self._start(request.body, request.body.get("$db")))
        if request.name == "saslcontinue":
            return answer(request, self._continue(request.body))
        if request.name not in OPEN_TO_ALL and not (self.login and self.login.authenticated):
            text = f"command {next(iter(request.body))} requires authentication"
            return answer(request, UNAUTHORIZED | {"errmsg": text})
        if request.name in GREETINGS:
            return await self._greet(request)
        reply = await self._hand_on(request.bytes, request)
        return reply.bytes if reply else b""

    async def _greet(self, request: Message) -> bytes:
        """The server's greeting, with what it doesn't know: how to log in, or the first step."""
        asked = dict(request.body)
        asks_for = asked.pop("saslSupportedMechs", None)
        first_step = asked.pop("speculativeAuthenticate", None)
        document = bson.encode(asked)
        flags = request.bytes[HEADER.size : HEADER.size + 4]
        if request.kind == OP_MSG:
            payload = flags + b"\0" + document
        else:
            payload = flags + b"admin.$cmd\0" + struct.pack("<ii", 0, -1) + document
        header = HEADER.pack(HEADER.size + len(payload), request.id, 0, request.kind)
        greeting = (await self._hand_on(header + payload, request)).body
        if asks_for:
            greeting["saslSupportedMechs"] = list(scram.ROUNDS)
        if first_step:
            begun = self._start(first_step, first_step.get("db"))
            # A login that can't begin is left out: the client then tries it by itself.
            greeting |= {"speculativeAuthenticate": begun} if begun["ok"] else {}
        return answer(request, greeting)

    async def _hand_on(self, sent: bytes, request: Message) -> Message | None:
        """The answer of the server behind; none where none is asked for."""
        reader, writer = self.server
        writer.write(sent)
        await writer.drain()
        while not request.unanswered:
            reply = await read(reader)
            if reply.answers == request.id:
                return reply
        return None

    def _start(self, command: dict, database: str | None) -> dict:
        self.login = None
        try:
            if database != "admin":
                raise scram.Refused
            first = command["mechanism"], command["payload"]
            self.login = scram.Conversation(*self.account(), *first)
        except scram.Refused:
            return REFUSED
        self.short = command.get("options", {}).get("skipEmptyExchange", False)
        return _step(self.login.challenge(), done=False)

    def _continue(self, command: dict) -> dict:
        if not self.login:
            return REFUSED
        if self.login.authenticated:
            return _step(b"", done=True)
        try:
            return _step(self.login.prove(command["payload"]), done=self.short)
        except scram.Refused:
            self.login = None
            return REFUSED


def _step(payload: bytes, done: bool) -> dict:
    return {"conversationId": 1, "done": done, "payload": payload, "ok": 1.0}


async def serve(
    folder: Path,
    behind: int,
    account: Callable[[], tuple[str, str]],
    ready: Callable[[int], None],
) -> None:
    """Listens on a free port, which `ready` is told, in front of the server on port `behind`.
    `account` is the user and the password that are right at the time of a login."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "server.pem", folder / "server.key")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = await asyncio.open_connection("127.0.0.1", behind)
        try:
            await Session(account, (reader, writer), server).serve()
        except (asyncio.IncompleteReadError, OSError):
            pass  # One of the two has gone.
        finally:
            writer.close()
            server[1].close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    ready(listening.sockets[0].getsockname()[1])
    await listening.serve_forever()
