"""The version of the method that the figures follow: files and records name it."""

from __future__ import annotations

METHOD_VERSION = 2
"""Counts up when a figure moves because the method does; the method's section 13 says what moved.
"""
