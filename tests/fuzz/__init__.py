"""Made-up files and made-up requests: nothing of them may break a rule of the product."""

from __future__ import annotations
