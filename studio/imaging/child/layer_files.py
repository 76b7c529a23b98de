"""Files of layers: PSD, OpenRaster and a zip of PNGs, each with names, places, order, opacity and what is hidden."""

from __future__ import annotations

import json
import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from studio import embedding
from studio.embedding import notes
from studio.imaging.child.layers import Canvas, LayerPlan, Output, PlannedLayer, cut_out, to_png
from studio.imaging.child.resize import shrink

# Read by our own processes and their group, by nobody else.
_FILE_MODE = 0o640
THUMBNAIL_SIDE = 256  # pixels, as OpenRaster says
LONGEST_PSD_NAME = 255  # characters
# What XML cannot hold.
_NO_XML = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
ORA_TYPE = b"image/openraster"
README = """The layers of a picture, front first: 00 is the frontmost.
layers.json has the name, place (x, y from the top left, in pixels), size, opacity (0 to 1) and visibility of each.
"""


def export(source: Path, output: Output, _sizes: list[int]) -> dict[str, Any]:
    """Write the layers as the plan's kind of file."""
    plan = LayerPlan.read(source)
    if plan.kind in {"trimmed", "placed"}:
        picture = cut_out(plan)
        return output.write("export.png", _marked(plan, to_png(picture)), picture)
    # Straight to the disk: in memory it would stand beside the layers it is made of.
    path = output.folder / f"{output.prefix}export.{plan.kind}"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w+b") as file:
        WRITERS[plan.kind](plan, file)
        file.flush()
        os.fsync(file.fileno())
    return {"file": path.name, "width": plan.width, "height": plan.height, "bytes": path.stat().st_size}


def write_psd(plan: LayerPlan, file: IO[bytes]) -> None:
    """Write a Photoshop document: pixel layers with their alpha, and the picture they make."""
    # Loaded here: the other tasks start without it.
    from psd_tools import PSDImage
    from psd_tools.constants import Resource
    from psd_tools.psd.image_resources import ImageResource

    canvas = Canvas(plan.size)

    class Document(PSDImage):
        def _update_preview(self) -> None:
            """Store the picture that is drawn here: drawing it there takes longer than all the rest."""
            planes = [plane.tobytes() for plane in canvas.on_white().split()]
            self._record.image_data.set_data(planes, self._record.header)
            # Below zero: the fourth channel is how see-through that picture is, and no mask that somebody saved.
            info = self._record.layer_and_mask_information.layer_info
            if info is not None:
                info.layer_count = -abs(info.layer_count)

    document = Document.new("RGBA", plan.size)
    for layer in reversed(plan.layers):
        pixels = layer.pixels()
        canvas.put(layer, pixels)
        made = document.create_pixel_layer(pixels, top=layer.y, left=layer.x, opacity=round(layer.opacity * 255))
        # By the setter, which also takes what the old field of a name cannot hold.
        made.name = layer.name[:LONGEST_PSD_NAME]
        made.visible = not layer.hidden
    if plan.marked_as:
        packet = notes.packet(embedding.Note(plan.marked_as), wrapped=True)
        document.image_resources[Resource.XMP_METADATA] = ImageResource(key=Resource.XMP_METADATA, data=packet)
    document.save(file)


def write_ora(plan: LayerPlan, file: IO[bytes]) -> None:
    """Write an OpenRaster file (version 0.0.6): the type first and unpacked, the stack, the layers, the merged picture."""
    image = ElementTree.Element("image", version="0.0.6", w=str(plan.width), h=str(plan.height), xres="72", yres="72")
    tree = ElementTree.SubElement(image, "stack")
    canvas = Canvas(plan.size)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry("mimetype"), ORA_TYPE)
        for number, layer in reversed(list(enumerate(plan.layers))):
            pixels = layer.pixels()
            canvas.put(layer, pixels)
            name = f"data/layer{number:03}.png"
            described = {
                "name": _NO_XML.sub("", layer.name),
                "src": name,
                "x": str(layer.x),
                "y": str(layer.y),
                "opacity": f"{layer.opacity:.4g}",
                "visibility": "hidden" if layer.hidden else "visible",
                "composite-op": "svg:src-over",
            }
            tree.insert(0, ElementTree.Element("layer", described))
            archive.writestr(_entry(name), _marked(plan, layer.png(pixels)))
        archive.writestr(_entry("stack.xml"), ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True))
        merged = canvas.picture()
        archive.writestr(_entry("mergedimage.png"), _marked(plan, to_png(merged)))
        thumbnail = _marked(plan, to_png(shrink(merged, THUMBNAIL_SIDE)))
        archive.writestr(_entry("Thumbnails/thumbnail.png"), thumbnail)


def write_zip(plan: LayerPlan, file: IO[bytes]) -> None:
    """Write a PNG of each layer and a JSON that says what belongs where."""
    described = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for layer, name in zip(plan.layers, _file_names(plan.layers), strict=True):
            archive.writestr(_entry(name), _marked(plan, layer.png(layer.pixels())))
            described.append(
                {
                    "file": name,
                    "name": layer.name,
                    "x": layer.x,
                    "y": layer.y,
                    "width": layer.width,
                    "height": layer.height,
                    "opacity": round(layer.opacity, 2),
                    "visible": not layer.hidden,
                }
            )
        whole = {"width": plan.width, "height": plan.height, "order": "front to back", "layers": described}
        archive.writestr(_entry("layers.json"), json.dumps(whole, ensure_ascii=False, indent=2), zipfile.ZIP_DEFLATED)
        archive.writestr(_entry("README.txt"), README)


WRITERS: dict[str, Callable[[LayerPlan, IO[bytes]], None]] = {"psd": write_psd, "ora": write_ora, "zip": write_zip}


def _marked(plan: LayerPlan, data: bytes) -> bytes:
    """Return a PNG with its mark; one of Luma's own keeps what it says beside it."""
    return embedding.laid_into(data, "png", embedding.Note(plan.marked_as))


def _entry(name: str) -> zipfile.ZipInfo:
    """A member without a time of its own: the same layers give the same bytes."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o644 << 16
    return info


def _file_names(layers: Sequence[PlannedLayer]) -> Iterator[str]:
    """Number the files from the front and add what every file system takes of the name."""
    for number, layer in enumerate(layers):
        # A mark, such as a vowel sign, belongs to the letter before it.
        kept = (letter.isalnum() or unicodedata.category(letter)[0] == "M" for letter in layer.name)
        words = "".join(letter if is_kept else "-" for letter, is_kept in zip(layer.name, kept, strict=True))
        short = "-".join(part for part in words.split("-") if part).encode()[:80].decode(errors="ignore")
        yield f"{number:02}-{short or 'layer'}.png"
