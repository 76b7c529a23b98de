"""What goes to the API and what comes back, as frozen values (luma-api.md sections 3, 4 and 11)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from studio.luma.outputs import INLINE

KNOWN_STATES = frozenset({"queued", "processing", "completed", "failed"})


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One input picture, named in exactly one way (section 3.2)."""

    url: str | None = None
    data: bytes | None = field(default=None, repr=False)
    generation_id: str | None = None
    file_id: str | None = None
    media_type: str | None = None

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.url, self.data, self.generation_id, self.file_id)) != 1:
            raise ValueError("A picture is named by exactly one of url, data, generation_id and file_id.")
        if self.data is not None and not self.media_type:
            raise ValueError("Picture bytes need a media type.")

    @classmethod
    def from_bytes(cls, data: bytes, media_type: str) -> Self:
        """Carry the picture inside the request."""
        return cls(data=data, media_type=media_type)

    @classmethod
    def from_generation(cls, generation_id: str) -> Self:
        """Name a picture that the same account made before."""
        return cls(generation_id=generation_id)

    @classmethod
    def from_file(cls, file_id: str) -> Self:
        """Name a file uploaded through the Files API."""
        return cls(file_id=file_id)

    def body(self) -> dict[str, str]:
        """Return the JSON object of section 3.2."""
        if self.data is not None and self.media_type is not None:
            return {"data": base64.b64encode(self.data).decode("ascii"), "media_type": self.media_type}
        named = {"url": self.url, "generation_id": self.generation_id, "file_id": self.file_id}
        return {key: value for key, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One paid request (section 3.1)."""

    prompt: str
    type: str = "image"
    model: str = "uni-1"
    aspect_ratio: str | None = None
    style: str | None = None
    output_format: str | None = None
    web_search: bool | None = None
    image_refs: tuple[ImageRef, ...] = ()
    source: ImageRef | None = None
    layering_resolution: str | None = None
    user_id: str | None = None

    @property
    def inputs(self) -> int:
        """Count the input pictures that are paid for: references and the source."""
        return len(self.image_refs) + (self.source is not None)

    def body(self) -> dict[str, object]:
        """Return the JSON object to post; what is unset is left out."""
        optional: dict[str, object | None] = {
            "prompt": self.prompt or None,
            "aspect_ratio": self.aspect_ratio,
            "style": self.style,
            "output_format": self.output_format,
            "web_search": self.web_search,
            "image_ref": [ref.body() for ref in self.image_refs] or None,
            "source": self.source.body() if self.source else None,
            "layering": {"resolution": self.layering_resolution} if self.layering_resolution else None,
            "user_id": self.user_id,
        }
        fixed: dict[str, object] = {"type": self.type, "model": self.model}
        return fixed | {key: value for key, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a cropped layer sits on its canvas, in pixels."""

    x: int
    y: int
    width: int
    height: int
    canvas_width: int
    canvas_height: int


@dataclass(frozen=True, slots=True)
class Layer:
    """What Luma says about one layer; front layers come first. Older servers send no bounds (section 3.7)."""

    index: int
    label: str
    description: str
    alpha_hint: str
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class Output:
    """One finished picture. The link is signed anew by every GET and lives an hour; "" when Luma sent none."""

    type: str
    url: str = field(repr=False)
    layer: Layer | None = None

    @property
    def is_inline(self) -> bool:
        """Tell whether the picture comes within the answer itself."""
        return self.url.startswith(INLINE)


@dataclass(frozen=True, slots=True)
class Generation:
    """The state of one request at Luma (section 4.1). A state we do not know counts as still running."""

    id: str
    type: str
    state: str
    model: str
    created_at: datetime | None
    outputs: tuple[Output, ...]
    failure_reason: str
    failure_code: str

    @property
    def is_completed(self) -> bool:
        return self.state == "completed"

    @property
    def is_failed(self) -> bool:
        return self.state == "failed"

    @property
    def is_made(self) -> bool:
        """Tell whether it says so and links to all of it."""
        return self.is_completed and self.has_pictures

    @property
    def has_pictures(self) -> bool:
        """Tell whether every output has a link to fetch, and there is at least one."""
        return bool(self.outputs) and all(output.url for output in self.outputs)


@dataclass(frozen=True, slots=True)
class Created:
    """An accepted request, and how many a minute Luma says it takes; None when it does not say."""

    generation: Generation
    per_minute: int | None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A picture on disk, flushed: its size in bytes and its SHA-256 in hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class File:
    """A file kept at Luma (section 11.3); states are pending, ready, failed and deleted."""

    id: str
    state: str
    expires_at: datetime | None
    failure_reason: str


@dataclass(frozen=True, slots=True)
class FileUpload:
    """Where to put the bytes of an announced file (section 11.1)."""

    file: File
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
