"""`POST /v1/generations` and `GET /v1/generations/{id}`."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from time import gmtime, strftime
from typing import Any
from uuid import uuid4

from aiohttp import web

from studio.simulator import planning, tariff
from studio.simulator.easel import Easel
from studio.simulator.errors import ApiError
from studio.simulator.ingest import Ingest, canonical
from studio.simulator.ledger import Generation, Ledger
from studio.simulator.limits import Limiter
from studio.simulator.options import Options
from studio.simulator.outcomes import REFUSALS, Script, read_script
from studio.simulator.requests import client_of, read_json, request_id_of
from studio.simulator.storage import Storage
from studio.simulator.validate import Wish, parse_wish

HANG_SECONDS = 300.0
UNKNOWN_STATE = "reticulating"


class Generations:
    """Accept jobs, have them painted, and say how they are."""

    def __init__(
        self, options: Options, ledger: Ledger, limiter: Limiter, ingest: Ingest, easel: Easel, storage: Storage
    ) -> None:
        self.options = options
        self.ledger = ledger
        self.limiter = limiter
        self.ingest = ingest
        self.easel = easel
        self.storage = storage
        self._refused_once: set[tuple[str, str, str]] = set()
        self._expired_once: set[str] = set()
        self._polls: Counter[str] = Counter()

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Take a job: validate, then limits, then money, then inputs. Equal requests make separate jobs."""
        client = client_of(request)
        wish = parse_wish(await read_json(request))
        script = read_script(wish.prompt)
        self._refuse_on_purpose(client, wish, script)
        with self.limiter.hold(client, tariff.weight(wish, self.options)):
            self._check_balance(client, tariff.price(wish))
            generation = await self._accept(request, wish, script)
        self._paint(generation)
        return await self._answer(request, generation)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Show a job with fresh links; another client's job looks like one that never was."""
        now = self.options.clock()
        generation = self.ledger.find(client_of(request), canonical(request.match_info["id"]), now)
        if generation is None:
            raise ApiError(404, "Generation not found")
        if "flaky-polls" in generation.words:
            self._polls[generation.id] += 1
            if self._polls[generation.id] % 2:
                return web.Response(status=503, text="<html>Service Unavailable</html>", content_type="text/html")
        return web.json_response(self._view(request, generation))

    def resume(self) -> None:
        """Order again what a stopped simulator had not painted."""
        for generation in self.ledger.unpainted():
            self._paint(generation)

    def _refuse_on_purpose(self, client: str, wish: Wish, script: Script) -> None:
        for word in script.refusals:
            mark = (client, wish.prompt, word)
            if mark in self._refused_once:
                self._refused_once.discard(mark)
                continue
            if word in script.once:
                self._refused_once.add(mark)
            refusal = REFUSALS[word]
            if word == "429":
                raise self.limiter.too_many(refusal.retry_after)
            if word == "busy":
                raise self.limiter.too_busy(tariff.weight(wish, self.options))
            raise ApiError(refusal.status, refusal.detail)

    def _check_balance(self, client: str, price: int) -> None:
        if self.options.balance is None:
            return
        funds = round(self.options.balance * tariff.UNITS_PER_DOLLAR)
        if self.ledger.spent(client, self.options.clock()) + price > funds:
            refusal = REFUSALS["402"]
            raise ApiError(refusal.status, refusal.detail)

    async def _accept(self, request: web.Request, wish: Wish, script: Script) -> Generation:
        generation_id, client = str(uuid4()), client_of(request)
        inputs = self._inputs(generation_id)
        try:
            paths = await self.ingest.collect(client, wish.refs, inputs)
        except BaseException:
            shutil.rmtree(inputs, ignore_errors=True)
            raise
        generation = planning.plan(
            self.options,
            wish,
            script,
            generation_id=generation_id,
            client=client,
            request_id=request_id_of(request),
        )
        folder = self.storage.path(f"generations/{generation_id}")
        task = planning.order(wish, script, salt=generation_id, inputs=paths, folder=folder)
        generation = replace(generation, task=task)
        self.ledger.accept(generation)
        return generation

    def _paint(self, generation: Generation) -> None:
        """Have a job painted as soon as it is accepted, so that it is ready when its time is over."""
        if generation.failure_code or generation.painted_at is not None or generation.finishes_at == planning.NEVER:
            shutil.rmtree(self._inputs(generation.id), ignore_errors=True)
            return

        def answered(answer: dict[str, Any]) -> None:
            now = self.options.clock()
            if "failure_code" in answer:
                self.ledger.spoiled(generation.id, answer["failure_code"], answer["failure_reason"], now)
            else:
                self.ledger.painted(generation.id, answer["outputs"], now)
                self._spoil_downloads(generation, answer["outputs"])
            shutil.rmtree(self._inputs(generation.id), ignore_errors=True)

        self.easel.order({**generation.task, "painter": self.options.painter}, answered)

    def _spoil_downloads(self, generation: Generation, outputs: list[dict[str, Any]]) -> None:
        if "truncated-download" in generation.words:
            for output in outputs:
                self.storage.truncate_once(f"generations/{generation.id}/{output['name']}")

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
        state = generation.state
        if state == "processing" and "unknown-state" in generation.words:
            state = UNKNOWN_STATE
        return {
            "id": generation.id,
            "type": generation.type,
            "state": state,
            "model": generation.model,
            "created_at": strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(generation.created_at)),
            "output": self._outputs(request, generation) if generation.state == "completed" else [],
            "failure_reason": generation.failure_reason if failed else None,
            "failure_code": generation.failure_code if failed else None,
        }

    def _outputs(self, request: web.Request, generation: Generation) -> list[dict[str, Any]] | None:
        if generation.outputs is None:
            return None
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
