"""Layers with their places, written out as a C project."""

from __future__ import annotations

from .project import Project as Project
from .project import write_project as write_project
