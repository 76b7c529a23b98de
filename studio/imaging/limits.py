"""What a picture may cost, and why each number is what it is."""

from __future__ import annotations

from typing import NamedTuple

# The API's own limit for an input image, in bytes (luma-api.md section 3.9); what is larger is shrunk on its way in.
API_BYTES = 52_428_800

# A 100 MP photo is about 180 MB as PNG. What we keep of it is below KEPT_BYTES, and says that it was made smaller.
MAX_BYTES = 209_715_200

# Lets the 100 and 108 MP modes of phones and cameras in; their decodes stay below `memory_bytes`, but for formats that
# no camera writes in that size.
MAX_PIXELS = 120_000_000

# Real pictures are shorter; the long thin ones beyond this are test files and bombs.
MAX_SIDE = 16_384

# Passes over a progressive JPEG. Ordinary files have up to 20, the strangest honest one seen had 53; 3,000 empty
# passes in 330 kB keep a core busy for half a minute, and no call to the decoder can stop them.
MAX_SCANS = 200

# What we keep and send. The API advises less than 4 MB (luma-api.md section 3.9) and answers with at most 3,360 px.
KEPT_SIDE = 4096
KEPT_BYTES = 4_000_000

# A mask that somebody painted: what a browser's canvas surely holds, and what a PNG of it takes at most.
MOST_MASK_SIDE = 4096
MOST_MASK_BYTES = 4_000_000

# A reply is some hundred bytes of JSON; more than this is not from our code.
MAX_REPLY_BYTES = 64 * 1024


class Limits(NamedTuple):
    """The limits of one child process. Only tests choose other numbers than the defaults."""

    # What a picture may cost; a 67 MP HEIC needs about 4.
    cpu_seconds: int = 30
    # From start to reply: how long a child may wait for a busy machine, which is not the picture's fault.
    wall_seconds: float = 300.0
    # Address space, not resident memory: the decoders reserve more than they touch.
    memory_bytes: int = 3 * 1024**3
    # The largest file a child may write; the largest wanted is a 16.7 MP PNG on its way below KEPT_BYTES.
    file_bytes: int = 200 * 1024**2
    open_files: int = 64


LIMITS = Limits()

# A whole stack: forty layers of 2,048 × 2,048 pixels of noise take about 30 s as PSD (537 MB) and less than 1 GB of
# memory. The queue ends a task after 120 s, so the child ends before it.
LAYER_LIMITS = Limits(cpu_seconds=90, wall_seconds=100.0, memory_bytes=4 * 1024**3, file_bytes=1024**3)
