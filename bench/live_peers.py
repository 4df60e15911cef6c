"""What the live channel is compared with, each a process of its own: ``python -m bench.live_peers KIND PORT CONTROL``.

Whatever comes to the control port (four bytes of length, then a payload) is sent to every subscriber. ``websockets`` is
a server whose loop is ``websockets.broadcast``; ``sanic`` awaits ``ws.send`` of one subscriber after another. The bare
send loop in C and nginx with nchan are programs of their own, whose source and configuration stand here.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

C_LOOP = r"""
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char READY[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
static int sockets[65536], count;
static char frame[1 << 20];

static int listen_on(int port) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096)) exit(1);
    return fd;
}

static int take(int fd, char *into, size_t size) {
    for (size_t got = 0; got < size;) {
        ssize_t n = read(fd, into + got, size - got);
        if (n <= 0) return 0;
        got += n;
    }
    return 1;
}

static void welcome(int fd) {
    char head[4096];
    int one = 1, got = 0;
    while (got < (int)sizeof head - 1) {
        ssize_t n = read(fd, head + got, sizeof head - 1 - got);
        if (n <= 0) { close(fd); return; }
        got += n;
        head[got] = 0;
        if (strstr(head, "\r\n\r\n")) break;
    }
    if (!strncmp(head, "GET /health", 11)) {
        if (write(fd, READY, sizeof READY - 1) < 0) {}
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (write(fd, ANSWER, sizeof ANSWER - 1) > 0 && count < 65536) sockets[count++] = fd;
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    int door = listen_on(atoi(argv[1])), back = listen_on(atoi(argv[2])), control = -1;
    for (;;) {
        struct pollfd wait[3] = {{door, POLLIN, 0}, {back, POLLIN, 0}, {control, POLLIN, 0}};
        if (poll(wait, 3, -1) < 0) continue;
        if (wait[0].revents) { int fd = accept(door, 0, 0); if (fd >= 0) welcome(fd); }
        if (wait[1].revents) { if (control >= 0) close(control); control = accept(back, 0, 0); }
        if (wait[2].revents) {
            uint32_t size;
            if (!take(control, (char *)&size, 4) || (size = ntohl(size)) > sizeof frame
                || !take(control, frame, size)) {
                close(control);
                control = -1;
                continue;
            }
            for (int i = 0; i < count; i++) if (send(sockets[i], frame, size, 0) < 0) sockets[i--] = sockets[--count];
        }
    }
}
"""

NGINX = """
load_module {modules}/ngx_nchan_module.so;
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_rlimit_nofile {files};
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    nchan_shared_memory_size 128M;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /health/ready {{ return 200; }}
        location = /live {{
            nchan_subscriber websocket;
            nchan_channel_id day;
            nchan_subscriber_first_message newest;
            nchan_websocket_ping_interval 0;
        }}
        location = /publish {{
            nchan_publisher http;
            nchan_channel_id day;
            nchan_message_buffer_length 200;
            nchan_message_timeout 1m;
        }}
    }}
}}
"""


def compile_loop(folder: Path) -> Path | None:
    """The send loop, compiled; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source, program = folder / "loop.c", folder / "loop"
    source.write_text(C_LOOP)
    subprocess.run([compiler, "-O2", "-o", str(program), str(source)], check=True)
    return program


def nginx(folder: Path, port: int, files: int) -> list[str] | None:
    """The command of nginx with nchan as one worker process; None where either is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    built = subprocess.run([program, "-V"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"--modules-path=(\S+)", built)
    if found is None or not (Path(found[1]) / "ngx_nchan_module.so").exists():
        return None
    import getpass

    folder.mkdir()
    user = f"user {getpass.getuser()};" if getpass.getuser() == "root" else ""
    config = folder / "nginx.conf"
    config.write_text(
        NGINX.format(modules=found[1], folder=folder, port=port, files=files, connections=files - 100, user=user)
    )
    return [program, "-c", str(config), "-p", str(folder), "-e", str(folder / "error.log")]


async def _control(port: int, send: Callable[[str], Any]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while size := int.from_bytes(await reader.read(4), "big"):
            told = send((await reader.readexactly(size)).decode())
            if told is not None:
                await told

    await asyncio.start_server(serve, "127.0.0.1", port)


def serve_websockets(port: int, control: int) -> None:
    import http

    import uvloop
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    connections: set[ServerConnection] = set()

    async def hold(connection: ServerConnection) -> None:
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    def ready(connection: ServerConnection, request: Any) -> Any:
        return connection.respond(http.HTTPStatus.OK, "") if request.path == "/health/ready" else None

    async def run() -> None:
        await _control(control, lambda text: broadcast(connections, text))
        how: dict[str, Any] = {"compression": None, "ping_interval": None, "backlog": 4096}
        async with serve(hold, "127.0.0.1", port, process_request=ready, **how):
            await asyncio.Future()

    uvloop.run(run())


def serve_sanic(port: int, control: int) -> None:
    from sanic import HTTPResponse, Request, Sanic

    app: Sanic[Any, Any] = Sanic("peer", configure_logging=False)
    app.config.update(ACCESS_LOG=False, AUTO_EXTEND=False, WEBSOCKET_PING_INTERVAL=0)
    connections: set[Any] = set()

    @app.get("/health/ready")
    async def ready(request: Request) -> HTTPResponse:
        return HTTPResponse(b"{}")

    @app.websocket("/live")
    async def live(request: Request, ws: Any) -> None:
        connections.add(ws)
        try:
            await ws.recv()
        finally:
            connections.discard(ws)

    async def send(text: str) -> None:
        for ws in list(connections):
            await ws.send(text)

    @app.after_server_start
    async def start(app: Any) -> None:
        await _control(control, send)

    app.run(host="127.0.0.1", port=port, backlog=4096, access_log=False, motd=False, single_process=True)


if __name__ == "__main__":
    {"websockets": serve_websockets, "sanic": serve_sanic}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
