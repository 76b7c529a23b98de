"""What a studio of several machines stands on: PostgreSQL, an S3 server and a proxy with TLS, from packages."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from tests.stack.running import ROOT, eventually, free_port

BUCKET = "studio"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret"}
HOST = "127.0.0.1"
POOLER = "/usr/sbin/pgbouncer"


def machine(name: str) -> tuple[str, ...]:
    """What starts a program on a machine of its own: with processes and a host name of its own, as in a container."""
    apart = ("unshare", "--pid", "--uts", "--fork", "--mount-proc", "--kill-child")
    return (*apart, "sh", "-c", f'hostname {name} && exec "$@"', name)


class Postgres:
    """A cluster of its own, which can be stopped and started again."""

    def __init__(self, folder: Path, *, is_durable: bool = True) -> None:
        self.folder, self.port, self.is_durable = folder, free_port(), is_durable
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        folder.mkdir(parents=True)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self._run("initdb", "--pgdata", str(folder), "--username", "studio", "--auth", "trust", "--no-sync")

    @property
    def url(self) -> str:
        return f"postgres://studio@127.0.0.1:{self.port}/studio"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
        if not self.is_durable:
            options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        self._run("pg_ctl", "start", "--wait", "-D", str(self.folder), "-l", str(self.folder / "log"), "-o", options)

    def make_database(self) -> None:
        self._run("createdb", "--host", "127.0.0.1", "--port", str(self.port), "--username", "studio", "studio")

    def stop(self) -> None:
        """As if the power went."""
        self._run("pg_ctl", "stop", "--wait", "-D", str(self.folder), "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root.
        as_itself = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_itself, str(self.bin / program), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


class Files:
    """An S3 server that can be made silent without an end of its connections."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [str(ROOT / ".venv/bin/moto_server"), "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda: _listens(self.port), what="the S3 server listens")
        client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket=BUCKET)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fall_silent(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def speak(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.speak()
        self.process.kill()
        self.process.wait(10)


@contextmanager
def pooler(folder: Path, url: str, *, connections: int) -> Iterator[str]:
    """Lend the connections of PgBouncer, each for one transaction; yield the address instead of `url`."""
    server, port = urlsplit(url), free_port()
    folder.mkdir(parents=True)
    (folder / "users").write_text(f'"{server.username}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={server.hostname} port={server.port}\n[pgbouncer]\n"
        f"listen_addr = {HOST}\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {folder}/users\n"
        f"pool_mode = transaction\ndefault_pool_size = {connections}\nserver_idle_timeout = 1\n"
    )
    as_itself = ["runuser", "-u", "nobody", "--"] if os.getuid() == 0 else []  # it refuses to run as root
    process = subprocess.Popen([*as_itself, POOLER, str(folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL, cwd="/")
    try:
        eventually(lambda: _listens(port), what="the pooler listens")
        yield server._replace(netloc=f"{server.username}@{HOST}:{port}").geturl()
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def proxy(folder: Path, ports: list[int]) -> Iterator[str]:
    """Serve these machines over TLS, as deploy/nginx.conf does, and yield the address."""
    folder.mkdir(parents=True)
    port = free_port()
    subject = ["-subj", f"/CN={HOST}", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run(made, check=True, capture_output=True)
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    conf = conf.replace(
        "    server 127.0.0.1:8000 max_fails=2 fail_timeout=5s;\n",
        "".join(f"    server 127.0.0.1:{one} max_fails=2 fail_timeout=5s;\n" for one in ports),
    )
    start, end = conf.index("server {"), conf.index("server {", conf.index("server {") + 1)
    conf = conf[:start] + conf[end:]
    conf = conf.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;").replace("studio.example;", f"{HOST};")
    conf = conf.replace("/etc/ssl/studio.example.pem", str(folder / "cert")).replace(
        "/etc/ssl/studio.example.key", str(folder / "key")
    )
    conf = conf.replace("proxy_set_header Host $host;", "proxy_set_header Host $host:$server_port;")
    folders = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off;\npid {folder}/pid;\nerror_log {folder}/log;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{conf}\n}}\n"
    (folder / "nginx.conf").write_text(whole)
    folder.chmod(0o755)
    server = subprocess.Popen(["/usr/sbin/nginx", "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _listens(port), what="the proxy listens")
        yield f"https://{HOST}:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
