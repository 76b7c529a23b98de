"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Put the pictures into this folder.")]
Key = Annotated[str, typer.Option(help="The same key makes a request once, however often it is sent.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Ask and leave; watch it later.")]
Model = Annotated[str, typer.Option(help="uni-1 or uni-1-max.")]
Count = Annotated[int, typer.Option("--count", "-n", help="How many pictures.")]
Refs = Annotated[list[str] | None, typer.Option("--ref", help="A file or a picture's code to look at; repeat it.")]
Private = Annotated[bool, typer.Option("--private", help="Only you see it.")]
Board = Annotated[str, typer.Option(help="The code of the board that the pictures go to.")]
Format = Annotated[str, typer.Option(help="png or jpeg.")]
