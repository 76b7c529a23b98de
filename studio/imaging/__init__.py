"""Check, measure and shrink pictures. Pixels are decoded only in a child process with limits, never in this one.

`accept` takes an upload, `measure` a download, `renditions` makes the smaller copies, `for_sending_async` prepares what
the API gets, `refit_async` makes a picture smaller or plainer for it, `crop` turns and cuts one, `compare_layers` and
`export_layers` work on the layers of a split, `compare_edit`, `compose` and `preview` lay an edit on its source, `mark`
draws marks on a copy, `copy` makes what leaves the studio smaller, cut or labelled, `watermark` writes a text all over
smaller copies, `put_back` gives a layer the colours of an edit of it. They raise `Unusable` when the picture is at
fault, `OSError` when the disk or the machine is.
"""

from __future__ import annotations

from studio.imaging.api import (
    accept,
    compare_edit,
    compare_layers,
    compose,
    copy,
    crop,
    export_layers,
    for_sending_async,
    mark,
    measure,
    measure_async,
    preview,
    put_back,
    refit_async,
    renditions,
    watermark,
)
from studio.imaging.letters import unwritable
from studio.imaging.limits import KEPT_BYTES, MAX_BYTES, MOST_MASK_BYTES
from studio.imaging.results import (
    Accepted,
    ComparedEdit,
    ComparedLayers,
    Composed,
    MadeRendition,
    Measured,
    Region,
    Wire,
)
from studio.imaging.runner import ChildLost
from studio.imaging.sizes import SIZES, sizes_for
from studio.imaging.unusable import Unusable

__all__ = [
    "KEPT_BYTES",
    "MAX_BYTES",
    "MOST_MASK_BYTES",
    "SIZES",
    "Accepted",
    "ChildLost",
    "ComparedEdit",
    "ComparedLayers",
    "Composed",
    "MadeRendition",
    "Measured",
    "Region",
    "Unusable",
    "Wire",
    "accept",
    "compare_edit",
    "compare_layers",
    "compose",
    "copy",
    "crop",
    "export_layers",
    "for_sending_async",
    "mark",
    "measure",
    "measure_async",
    "preview",
    "put_back",
    "refit_async",
    "renditions",
    "sizes_for",
    "unwritable",
    "watermark",
]
