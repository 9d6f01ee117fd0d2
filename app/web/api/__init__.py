"""What programs see: JSON.

``v1``        ``/api/v1``: search, facets, essays, suggestions
``algolia``   ``/1/indexes``: search as the clients of Algolia and InstantSearch ask for it
``hooks``     ``/hooks/rebuild``: builds when something was pushed
``health``    ``/healthz`` (the process is running) and ``/readyz`` (an index answers)
``metrics``   ``/metrics``: numbers for Prometheus, where they are asked for
``openapi``   the description of these addresses, from their routes and records
``examples``  an example of each answer, for the description
``docs``      the description as ``openapi.json`` and as a page
``feeds``     any search as Atom and JSON Feed
``browsers``  the archive as a search engine that a browser can add, and its suggestions
``crawlers``  ``/robots.txt``, ``/sitemap.xml`` and ``/.well-known/security.txt``
``answer``    JSON answers
``xml``       documents in XML
"""
