"""What programs see: JSON.

``v1``  ``/api/v1``: search, facets, essays, suggestions; ``/healthz`` (the process is running) and
        ``/readyz`` (an index answers)
"""
