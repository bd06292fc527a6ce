"""The method in words: what every number means, with tables read from the registries.

The document and the page show the same sections. What has a number in the code has it from there.
"""

from analytics.shown.method.document import method_markdown, sections
from analytics.shown.method.sections import Section, blocks, excerpt

__all__ = ["Section", "blocks", "excerpt", "method_markdown", "sections"]
