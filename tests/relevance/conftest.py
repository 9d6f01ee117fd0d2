"""What of this folder needs a package that tests do without?"""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = (
    [] if find_spec("tantivy") else ["peers/tantivy_peer.py", "peers/tantivy_vectors.py"]
)
