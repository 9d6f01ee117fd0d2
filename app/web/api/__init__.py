"""What programs see: JSON.

``v1``      ``/api/v1``: search, facets, essays, suggestions
``health``  ``/healthz`` (the process is running) and ``/readyz`` (an index answers)
``answer``  JSON answers
"""
