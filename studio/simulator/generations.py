"""`POST /v1/generations` and `GET /v1/generations/{id}`."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import gmtime, strftime
from typing import Any
from uuid import uuid4

from aiohttp import web

from studio.simulator import planning, pricing
from studio.simulator.auth import may_layer
from studio.simulator.database import Database, Generation
from studio.simulator.errors import ApiError
from studio.simulator.ingest import Ingest, canonical
from studio.simulator.limits import Limiter
from studio.simulator.options import Options
from studio.simulator.outcomes import REFUSALS, Script, read_script
from studio.simulator.painter_client import PainterClient
from studio.simulator.requests import client_of, read_json, request_id_of
from studio.simulator.storage import Storage
from studio.simulator.validate import GenerationRequest, has_another_ratio, parse_request, unsupported_type

HANG_SECONDS = 300.0
UNKNOWN_STATE = "reticulating"


@dataclass
class Generations:
    """Accept jobs, have them painted and report their state."""

    options: Options
    database: Database
    limiter: Limiter
    ingest: Ingest
    painter: PainterClient
    storage: Storage
    _refused_once: set[tuple[str, str, str]] = field(default_factory=set)
    _expired_once: set[str] = field(default_factory=set)
    _polls: Counter[str] = field(default_factory=Counter)

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Accept a job: validate, then limits, then money, then inputs. Equal requests make separate jobs."""
        client = client_of(request)
        body = await read_json(request)
        more = await asyncio.to_thread(self.options.more_ratios) if has_another_ratio(body) else {}
        spec = parse_request(body, more)
        script = read_script(spec.prompt)
        granted = "no-layering" not in script.words and may_layer(request.headers.get("Authorization"))
        if spec.type == "layering" and not granted:
            raise unsupported_type(spec.type, spec.model)
        self._refuse_on_purpose(client, spec, script)
        with self.limiter.hold(client, pricing.weight(spec, self.options)):
            self._check_balance(client, pricing.price(spec))
            generation = await self._accept(request, spec, script)
        self._paint(generation)
        return await self._answer(request, generation)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Return a job with fresh links; another client's job is as unknown as one that never existed."""
        now = self.options.clock()
        generation = self.database.find(client_of(request), canonical(request.match_info["id"]), now)
        if generation is None:
            raise ApiError(404, "Generation not found")
        if "flaky-polls" in generation.words:
            self._polls[generation.id] += 1
            if self._polls[generation.id] % 2:
                return web.Response(status=503, text="<html>Service Unavailable</html>", content_type="text/html")
        return web.json_response(self._view(request, generation))

    def resume(self) -> None:
        """Paint what a stopped simulator had not painted."""
        for generation in self.database.unpainted():
            self._paint(generation)

    def _refuse_on_purpose(self, client: str, spec: GenerationRequest, script: Script) -> None:
        for word in script.refusals:
            mark = (client, spec.prompt, word)
            if mark in self._refused_once:
                self._refused_once.discard(mark)
                continue
            if word in script.once:
                self._refused_once.add(mark)
            refusal = REFUSALS[word]
            if word == "429":
                raise self.limiter.too_many(refusal.retry_after)
            if word == "busy":
                raise self.limiter.too_busy(pricing.weight(spec, self.options))
            raise ApiError(refusal.status, refusal.detail)

    def _check_balance(self, client: str, price: int) -> None:
        if self.options.balance is None:
            return
        funds = round(self.options.balance * pricing.UNITS_PER_DOLLAR)
        if self.database.spent(client, self.options.clock()) + price > funds:
            raise ApiError(402, REFUSALS["402"].detail)

    async def _accept(self, request: web.Request, spec: GenerationRequest, script: Script) -> Generation:
        generation_id, client = str(uuid4()), client_of(request)
        inputs = self._inputs(generation_id)
        try:
            paths = await self.ingest.collect(client, spec.refs, inputs)
        except BaseException:
            shutil.rmtree(inputs, ignore_errors=True)
            raise
        generation = planning.plan(self.options, spec, script, generation_id, client, request_id_of(request))
        folder = self.storage.path(f"generations/{generation_id}")
        # Repeats of a prompt get other pictures, and after a fresh start the same ones in the same order.
        number = self.database.count_prompt(client, spec.type, spec.style, script.prompt)
        task = planning.task(spec, script, number=number, inputs=paths, folder=folder)
        generation = replace(generation, task=task)
        self.database.accept(generation)
        return generation

    def _paint(self, generation: Generation) -> None:
        """Have a job painted as soon as it is accepted, so that it is ready when its time is over."""
        if generation.failure_code or generation.painted_at is not None or generation.finishes_at == planning.NEVER:
            shutil.rmtree(self._inputs(generation.id), ignore_errors=True)
            return

        def answered(answer: dict[str, Any]) -> None:
            now = self.options.clock()
            if "failure_code" in answer:
                self.database.mark_failed(generation.id, answer["failure_code"], answer["failure_reason"], now)
            else:
                self.database.mark_painted(generation.id, answer["outputs"], now)
                for output in answer["outputs"] if "truncated-download" in generation.words else ():
                    self.storage.truncate_once(f"generations/{generation.id}/{output['name']}")
            shutil.rmtree(self._inputs(generation.id), ignore_errors=True)

        self.painter.submit({**generation.task, "id": generation.id, "pictures": self.options.pictures}, answered)

    async def _answer(self, request: web.Request, generation: Generation) -> web.StreamResponse:
        words = generation.words
        if "accept-then-hang" in words:
            await asyncio.sleep(HANG_SECONDS)
        if "accept-then-drop" in words and request.transport is not None:
            request.transport.close()
        if "500-after-accept" in words:
            raise ApiError(500, "Internal server error")
        headers = {} if "no-limit-headers" in words else self.limiter.headers(generation.client)
        return web.json_response(self._view(request, generation), status=201, headers=headers)

    def _view(self, request: web.Request, generation: Generation) -> dict[str, Any]:
        """Return the wire form of a job: every field, with explicit nulls (luma-api.md section 4)."""
        failed = generation.state == "failed"
        strange = generation.state == "processing" and "unknown-state" in generation.words
        return {
            "id": generation.id,
            "type": generation.type,
            "state": UNKNOWN_STATE if strange else generation.state,
            "model": generation.model,
            "created_at": strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(generation.created_at)),
            "output": self._outputs(request, generation),
            "failure_reason": generation.failure_reason if failed else None,
            "failure_code": generation.failure_code if failed else None,
        }

    def _outputs(self, request: web.Request, generation: Generation) -> list[dict[str, Any]] | None:
        if generation.state in ("queued", "processing"):
            # Both are documented; which of them a job gets follows from its id.
            return None if int(generation.id[-1], 16) % 2 else []
        if generation.state == "failed" or generation.outputs is None:
            return [] if generation.state == "failed" else None
        age = 0
        if "expired-link" in generation.words and generation.id not in self._expired_once:
            self._expired_once.add(generation.id)
            age = self.options.link_seconds + 1
        views = []
        for output in generation.outputs:
            key = f"generations/{generation.id}/{output['name']}"
            view: dict[str, Any] = {"type": "image", "url": self.storage.link(request, key, age=age)}
            if "layer" in output:
                view["layer"] = output["layer"]
            views.append(view)
        return views

    def _inputs(self, generation_id: str) -> Path:
        return self.options.state_dir / "inputs" / generation_id
