"""An honest stand-in for Luma's image API: real HTTP, the documented wire format, a library of pictures, no bill.

It knows the contract from the documents alone (luma-api.md) and shares no code with our client: two witnesses. What the
documents leave open is invented here, and nobody may rely on it:

* Order of checks: key, call ceiling, validation, words in the prompt, window, concurrency, balance, inputs. Only
  accepted jobs are counted in the window. `Retry-After` is rounded up.
* Texts and statuses: malformed JSON, wrong types, unknown values of `style`, `output_format` and
  `layering.resolution`, manga with a ratio that is not portrait, too many references on `image`, a long `user_id`:
  400 with a sentence that quotes the value as JSON. Two of four ImageRef keys, or none, get the published text about `url` and `data`.
* A `generation_id` or `file_id` that is unknown, foreign, deleted or not finished: 400 with the place as prefix.
  `image_ref[]` may name a generation. A layering job cannot be a source.
* Unknown fields are ignored. Prompts are counted in code points and not trimmed. Base64 must be padded and standard,
  without a `data:` prefix. `media_type` must be an image type and is not compared with the bytes.
* Video: the model is not granted, so it is an unknown model, and video types are unsupported for the others.
* A whole body may have 280 MB. Inputs are decoded after the 201, so unreadable ones are asynchronous failures. At most
  50 megapixels; animated GIF, AVIF and HEIC are `unsupported_format`; EXIF rotation is ignored; alpha is laid on white.
* A URL that is not https, not public, or redirected more than five times: 422 `failed to fetch URL`.
* Files: 201 on create, 25 MiB inline, `purpose` is `input` unless given and never enforced, PUT links live as long as
  download links, complete before PUT is a 400, complete twice changes nothing, a wrong size or an unreadable picture
  ends as `failed`, a file may be deleted while in use, the list leaves out deleted files unless asked for them.
* Layering: `uni-1-max` and references are refused; the canvas has 1024 or 2048 pixels on its longer side; a flat price.
* A side over 8,000 pixels: 413 `source: image exceeds 8000 px limit`. Edits keep any size and ignore the ratio.
* No layering grant (a key that begins with `luma-api-no-layering`, or `[no-layering]`): 400, as for an unknown type.
* `output` of a running job is null or empty; which of them follows from its id.
* No ratio: chosen from words of the prompt, else 16:9. No format: PNG. `uni-1-max` weighs 3, everything else 1.
* Times: 10 to 15 per cent of a job is spent in `queued`; failures come early; `created_at` has whole seconds.
* Money: five newer failure codes are refunded, `budget_exhausted` costs half. Layering has an invented price.
* Jobs and pictures are kept for a week and cleared at the next start.
* Storage answers as S3 does: XML errors, 400 when an API key comes along, host and path of our own.
* `/v1/usage` does not exist. `/healthz` and `/ledger`, outside `/v1`, are ours alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from studio.simulator.options import Options
from studio.simulator.outcomes import KEYWORDS

if TYPE_CHECKING:
    from studio.simulator.app import run, serve

__all__ = ["KEYWORDS", "Options", "run", "serve"]


def __getattr__(name: str) -> Any:
    """Import the web server when it is first used; the painter process imports this package without it."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(importlib.import_module("studio.simulator.app"), name)
