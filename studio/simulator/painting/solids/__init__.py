"""A small ray tracer: exact intersections of a few solids, one sun, soft shade."""

from .camera import Camera
from .render import Light, Thing, render
from .shapes import ArchWall, Ball, Box, Drum, Shape, Torus

__all__ = ["ArchWall", "Ball", "Box", "Camera", "Drum", "Light", "Shape", "Thing", "Torus", "render"]
