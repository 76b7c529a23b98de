"""The web application: routes, who is let in, the headers that every answer carries; inside a loop or as a process."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from studio.simulator.auth import identify
from studio.simulator.database import Database
from studio.simulator.errors import ApiError
from studio.simulator.fetch import Fetcher
from studio.simulator.files import Files
from studio.simulator.files_db import FilesDb
from studio.simulator.generations import Generations
from studio.simulator.ingest import Ingest
from studio.simulator.limits import Limiter
from studio.simulator.options import Options
from studio.simulator.painter_client import PainterClient
from studio.simulator.pricing import UNITS_PER_DOLLAR
from studio.simulator.requests import CLIENT, LARGEST_BODY, request_id_of
from studio.simulator.storage import ROUTE, Storage, StorageError

logger = logging.getLogger(__name__)

API = "/v1/"
API_VERSION = "2026-04-01"
SERVER = "Luma simulator"
# Pictures older than this are dropped at the next start, so that a state directory does not grow for ever.
KEEP_SECONDS = 7 * 24 * 3600
# Answers under way get this long when the simulator stops; a restart forgets no job.
SHUTDOWN_SECONDS = 2.0


def build(options: Options) -> web.Application:
    """Return the application with its state open; call it in the loop that will run it. Cleaning it up closes all."""
    options = replace(options, state_dir=options.state_dir.resolve())
    options.state_dir.mkdir(parents=True, exist_ok=True)
    database = Database(options.state_dir / "simulator.sqlite3")
    files_db, limiter = FilesDb(database.db), Limiter(options, database)
    storage = Storage(options, options.state_dir / "objects", database.secret("links"))
    painter, fetcher = PainterClient(), Fetcher(allow_loopback=options.allow_loopback_urls)
    ingest = Ingest(options, database, files_db, storage, fetcher)
    generations = Generations(options, database, limiter, ingest, painter, storage)
    files = Files(options, files_db, painter, storage)

    async def open_up(_: web.Application) -> None:
        _clear_out(options, database, files_db, storage)
        generations.resume()
        files.resume()

    async def close_down(_: web.Application) -> None:
        await painter.close()
        await fetcher.close()
        database.close()

    async def show_ledger(_: web.Request) -> web.StreamResponse:
        return web.json_response(_accounts(database, options.clock()))

    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[explain, _authenticate(options, limiter)])
    app.on_response_prepare.append(sign)
    app.on_startup.append(open_up)
    app.on_cleanup.append(close_down)
    app.add_routes(
        [
            web.post("/v1/generations", generations.create),
            web.get("/v1/generations/{id}", generations.get, allow_head=False),
            web.post("/v1/files", files.create),
            web.get("/v1/files", files.list, allow_head=False),
            web.get("/v1/files/{id}", files.get, allow_head=False),
            web.post("/v1/files/{id}/complete", files.complete),
            web.delete("/v1/files/{id}", files.delete),
            web.get(ROUTE + "{key:.+}", storage.get),
            web.put(ROUTE + "{key:.+}", storage.put),
            web.get("/healthz", healthz),
            web.get("/ledger", show_ledger),
        ]
    )
    return app


async def healthz(_: web.Request) -> web.StreamResponse:
    """Say that this is a simulator and that it is up."""
    return web.json_response({"simulator": True})


async def sign(request: web.Request, response: web.StreamResponse) -> None:
    """Put the standard headers on an answer; storage is another host in the real world and has its own."""
    response.headers["Server"] = SERVER
    if request.path.startswith(ROUTE):
        response.headers["x-amz-request-id"] = uuid4().hex[:16].upper()
        return
    response.headers["X-Request-Id"] = request_id_of(request)
    response.headers["X-API-Version"] = API_VERSION


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every refusal and every error into `{"detail": string}`, those of storage into its XML."""
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response({"detail": error.detail}, status=error.status, headers=error.headers)
    except StorageError as error:
        return error.response()
    except web.HTTPException as error:
        allow = {name: value for name, value in error.headers.items() if name == "Allow"}
        return web.json_response({"detail": error.reason}, status=error.status, headers=allow)
    except Exception:
        logger.exception("%s %s failed", request.method, request.path)
        return web.json_response({"detail": "Internal server error"}, status=500)


def _authenticate(options: Options, limiter: Limiter) -> Middleware:
    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(API):
            request[CLIENT] = identify(request.headers.get("Authorization"), options)
            limiter.count_call(request[CLIENT])
        return await handler(request)

    return admit


def _accounts(database: Database, now: float) -> dict[str, Any]:
    """Return every job that was ever accepted: what a test compares with what the caller believes."""
    jobs = list(database.everything(now))
    shown = ("id", "client", "request_id", "type", "model", "state", "failure_code", "created_at", "price", "weight")
    clients = sorted({job.client for job in jobs})
    return {
        "generations": [{name: getattr(job, name) for name in shown} for job in jobs],
        "spent_usd": {client: database.spent(client, now) / UNITS_PER_DOLLAR for client in clients},
    }


def _clear_out(options: Options, database: Database, files_db: FilesDb, storage: Storage) -> None:
    before = options.clock() - KEEP_SECONDS
    for generation_id in database.forget(before):
        shutil.rmtree(storage.path(f"generations/{generation_id}"), ignore_errors=True)
    for file_id in files_db.forget(before):
        for folder in ("files", "uploads"):
            storage.path(f"{folder}/{file_id}").unlink(missing_ok=True)


@asynccontextmanager
async def serve(options: Options) -> AsyncIterator[str]:
    """Serve inside the running loop and yield the API's address, `http://host:port/v1`; port 0 picks a free one."""
    runner = web.AppRunner(build(options), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, options.port, reuse_address=True).start()
        port = runner.addresses[0][1]
        yield f"http://{options.host}:{port}/v1"
    finally:
        await runner.cleanup()


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; raise OSError when the port is taken."""

    async def serve_until_told() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with serve(options) as address:
            logger.info("simulating Luma at %s (not the real service; its pictures are placeholders)", address)
            await stop.wait()

    asyncio.run(serve_until_told())
