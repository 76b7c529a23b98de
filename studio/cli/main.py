"""The commands. What is meant for programs goes to standard output, everything else to standard error."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from studio.cli.calls import FAILED, INTERRUPTED, UNKNOWN, WAITS, Form, Login, Studio, Trouble
from studio.cli.options import Board, Count, Format, Json, Key, Model, NoWait, Out, Private, Refs
from studio.cli.shown import end, line, progress, say, tell

P = ParamSpec("P")
MOST = 1_000_000
MAY_BE = "It may have been asked for. The same command with --key {key} goes on with it, at no more cost."

app = typer.Typer(
    help="Make, find and fetch pictures of a studio. Exit codes: 0 done, 2 wrong usage, 3 refused, 4 failed, "
    "5 outcome unknown, 6 waits for an admin's approval, 130 interrupted (what was sent goes on).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def command(does: Callable[P, None]) -> Callable[P, None]:
    """End with a sentence and its exit code."""

    @wraps(does)
    def inner(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            does(*map(_read, args), **{name: _read(value) for name, value in kwargs.items()})
        except Trouble as why:
            say(why.sentence)
            raise typer.Exit(why.code) from None
        except BrokenPipeError:
            raise  # whoever read it has read enough
        except OSError as why:
            say(
                f"{why.filename or 'A file'} can't be read or written: {why.strerror or why}. What was made is in Studio."
            )
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            say("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None

    return inner


def _read(value: Any) -> Any:
    """Read a word as UTF-8 where the terminal's own language has no letters for it."""
    return value.encode(errors="surrogateescape").decode(errors="replace") if isinstance(value, str) else value


def _code(named: str) -> str:
    """Return what is a code. Raises Trouble."""
    try:
        return str(uuid.UUID(named))
    except ValueError:
        raise Trouble(f"{named} is no code, such as 1f0c9a2b-….", 2) from None


@app.command()
@command
def login(url: str, token: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="STUDIO_TOKEN")]) -> None:
    """Remember a studio and your token for it (made at URL/account/tokens/)."""
    if not url.startswith(("http://", "https://")):
        raise Trouble(f"{url} is no address: write all of it, such as https://studio.example.", 2)
    known = Login(url.rstrip("/").removesuffix("/api/v1").removesuffix("/v1"), token.strip())
    me = Studio(known).ask("GET", "/me", tries=1)
    try:
        said = f"You are {me['name']} at {known.url}. The token may: {', '.join(me['may'])}."
    except (KeyError, TypeError):
        raise Trouble(f"{known.url} answers, and is no studio: is the address right?", 2) from None
    typer.echo(f"{said} Kept in {known.keep()}.")


@app.command()
@command
def make(
    prompt: str,
    *,
    ratio: Annotated[str, typer.Option(help="Such as 16:9.")] = "",
    style: Annotated[str, typer.Option(help="auto or manga.")] = "auto",
    model: Model = "",
    count: Count = 1,
    ref: Refs = None,
    format: Format = "",
    private: Private = False,
    board: Board = "",
    key: Key = "",
    no_wait: NoWait = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Make new pictures and wait for them."""
    studio = Studio(Login.known())
    asked = _asked(studio, "image", prompt, model=model, count=count, ref=ref, private=private, board=board)
    more = {"aspect_ratio": ratio, "style": style, "output_format": format}
    _made(studio, {**asked, **more}, key=key, no_wait=no_wait, out=out, as_json=as_json)


@app.command()
@command
def edit(
    source: Annotated[str, typer.Argument(help="A file, or the code of a picture.")],
    prompt: str,
    *,
    model: Model = "",
    count: Count = 1,
    ref: Refs = None,
    format: Format = "",
    private: Private = False,
    board: Board = "",
    key: Key = "",
    no_wait: NoWait = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Change a picture as the prompt says, and wait for it."""
    studio = Studio(Login.known())
    asked = _asked(studio, "image_edit", prompt, model=model, count=count, ref=ref, private=private, board=board)
    more = {"source": studio.picture(source), "output_format": format}
    _made(studio, {**asked, **more}, key=key, no_wait=no_wait, out=out, as_json=as_json)


@app.command()
@command
def split(
    source: Annotated[str, typer.Argument(help="A file, or the code of a picture.")],
    *,
    prompt: Annotated[str, typer.Option(help="What to separate.")] = "",
    resolution: Annotated[str, typer.Option(help="1k or 2k.")] = "",
    private: Private = False,
    key: Key = "",
    no_wait: NoWait = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Split a picture into layers, and wait for them."""
    studio = Studio(Login.known())
    asked = {"type": "layering", "prompt": prompt, "layering_resolution": resolution, "is_private": private}
    asked["source"] = studio.picture(source)
    _made(studio, asked, key=key, no_wait=no_wait, out=out, as_json=as_json)


@app.command()
@command
def watch(submission: str, *, out: Out = None, as_json: Json = False) -> None:
    """Watch a submission until it is over."""
    _watch(Studio(Login.known()), _code(submission), out=out, as_json=as_json)


@app.command()
@command
def get(
    picture: str,
    *,
    out: Annotated[Path, typer.Option("--out", "-o")] = Path(),
    form: Annotated[Form, typer.Option(help="As it came, or in web size.")] = "original",
    as_json: Json = False,
) -> None:
    """Download a picture."""
    studio = Studio(Login.known())
    told = studio.ask("GET", f"/pictures/{_code(picture)}")
    file = studio.fetch(told["code"], out, form)
    tell({**told, "saved": str(file)}, str(file), as_json)


@app.command()
@command
def search(
    words: Annotated[str, typer.Argument()] = "",
    *,
    filters: Annotated[str, typer.Option("--filter", help="As in the gallery's address: ratio=16:9&star=mine")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Find pictures of the gallery, newest first."""
    found = list(Studio(Login.known()).pages("/pictures", {"q": words, "filters": filters}, limit))
    lines = [f"{one['code']}  {one['width']}×{one['height']}  {one['person']}  {line(one['title'])}" for one in found]
    tell(found, "\n".join(lines), as_json)


@app.command()
@command
def export(
    words: Annotated[str, typer.Argument()] = "",
    *,
    to: Annotated[Path, typer.Option(help="The folder to put them into.")],
    filters: Annotated[str, typer.Option("--filter", help="As in the gallery's address: board=CODE")] = "",
    form: Annotated[Form, typer.Option(help="As they came, or in web size.")] = "original",
    limit: Annotated[int, typer.Option(min=1)] = MOST,
    as_json: Json = False,
) -> None:
    """Download every picture that is found; those that lie there already are left."""
    studio, saved = Studio(Login.known()), []
    there = {file.stem.rpartition("-")[2] for file in to.glob("*-*")} if form == "original" and to.is_dir() else set()
    for one in studio.pages("/pictures", {"q": words, "filters": filters}, limit):
        if one["code"][:8] in there:
            continue
        saved.append(str(studio.fetch(one["code"], to, form)))
        if not as_json:
            typer.echo(saved[-1])
    tell(saved, "", as_json)
    say(f"{len(saved)} saved in {to}.")


# ---- What the commands share


def _asked(
    studio: Studio, type: str, prompt: str, *, ref: list[str] | None, private: bool, **more: Any
) -> dict[str, Any]:
    references = [studio.picture(one) for one in ref or ()]
    return {"type": type, "prompt": prompt, "references": references, "is_private": private, **more}


def _made(studio: Studio, asked: dict[str, Any], *, key: str, no_wait: bool, out: Path | None, as_json: bool) -> None:
    key = key or str(uuid.uuid4())
    try:
        made = studio.submit(asked, key)
    except KeyboardInterrupt:
        say(f"\n{MAY_BE.format(key=key)}")
        raise typer.Exit(INTERRUPTED) from None
    except Trouble as why:
        if why.code == UNKNOWN:
            say(MAY_BE.format(key=key))
        raise
    if no_wait:
        tell(made, made["code"], as_json)
        return
    if made["state"] == "needs_approval":
        tell(made, made["code"], as_json)
        say(f"{made['sentence']} To watch it: studio watch {made['code']}")
        raise typer.Exit(WAITS)
    _watch(studio, made["code"], out=out, as_json=as_json)


def _watch(studio: Studio, code: str, *, out: Path | None, as_json: bool) -> None:
    began, told, shown = time.monotonic(), None, ""
    try:
        for told in studio.watch(code):
            shown = progress(told, int(time.monotonic() - began), shown)
        if sys.stderr.isatty():
            say("")
        pictures = [one for job in (told or {})["jobs"] for one in job["pictures"]]
        files = [str(studio.fetch(one["code"], out)) for one in pictures] if out else []
    except KeyboardInterrupt:
        say(f"\nIt goes on without you. To watch it again: studio watch {code}")
        raise typer.Exit(INTERRUPTED) from None
    tell({**(told or {}), "saved": files}, "\n".join(files or [one["url"] for one in pictures]), as_json)
    end(told)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
