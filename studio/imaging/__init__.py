"""Judge, measure and shrink pictures. Every pixel is decoded in a child process that may be killed; never in this one.

`accept` takes an upload, `measure` a download, `renditions` makes the smaller copies, `for_sending` what the API gets.
Each has an `_async` twin. They raise `Unusable` when the picture is at fault, `OSError` when the disk or machine is.
"""

from __future__ import annotations

from studio.imaging.calls import (
    accept,
    accept_async,
    for_sending,
    for_sending_async,
    measure,
    measure_async,
    renditions,
    renditions_async,
)
from studio.imaging.errand import ChildLost
from studio.imaging.ladder import SIZES, sizes_for
from studio.imaging.limits import KEPT_BYTES, KEPT_SIDE, MAX_BYTES, MAX_PIXELS, MAX_SCANS, MAX_SIDE
from studio.imaging.results import Accepted, MadeRendition, Measured, Wire
from studio.imaging.unusable import Unusable

__all__ = [
    "KEPT_BYTES",
    "KEPT_SIDE",
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_SCANS",
    "MAX_SIDE",
    "SIZES",
    "Accepted",
    "ChildLost",
    "MadeRendition",
    "Measured",
    "Unusable",
    "Wire",
    "accept",
    "accept_async",
    "for_sending",
    "for_sending_async",
    "measure",
    "measure_async",
    "renditions",
    "renditions_async",
    "sizes_for",
]
