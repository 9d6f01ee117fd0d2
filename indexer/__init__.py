"""The indexer: a folder of files becomes an index.

Rooms, in the order in which a file passes through them:

``corpus``       content folder -> one reading (an essay, its problems) per file
``frontmatter``  file text -> metadata, body, first body line
``metadata``     metadata -> the typed fields of an essay
``vocabulary``   rating words <-> percentages
``markup``       Markdown -> safe HTML, sections with anchors, links
``analysis``     text -> terms with their positions
``schema``       essay -> Whoosh document
``generation``   which committed state of the index is current
``build``        the main path: compare, read, write, commit, report
``watch``        build again when files change

This package may import neither ``app`` nor Flask; ``tests/test_architecture.py`` reads the
imports and enforces it.
"""
