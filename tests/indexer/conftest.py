from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long one example takes depends on the machine; what it answers does not.
settings.register_profile(
    "indexer", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("indexer")
