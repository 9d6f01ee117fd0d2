"""Documents in XML of one namespace, element by element."""

from __future__ import annotations

from typing import Any

from lxml import etree
from lxml.etree import _Element as Element


def root_element(namespace: str, name: str) -> Element:
    """The root of a document whose elements have no prefix."""
    without_prefix: Any = {None: namespace}  # the stubs know no name but a text
    return etree.Element(f"{{{namespace}}}{name}", nsmap=without_prefix)


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """An element of the parent's namespace, after those that the parent has."""
    namespace = etree.QName(parent).namespace
    made = etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
    made.text = text
    return made


def encoded(root: Element) -> bytes:
    """A document in UTF-8."""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
