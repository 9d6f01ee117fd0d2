"""What programs see: JSON.

``v1``       ``/api/v1``: search, facets, essays, suggestions
``algolia``  ``/1/indexes``: search as the clients of Algolia and InstantSearch ask for it
``hooks``    ``/hooks/rebuild``: builds when something was pushed
``health``   ``/healthz`` (the process is running) and ``/readyz`` (an index answers)
``answer``   JSON answers
"""
