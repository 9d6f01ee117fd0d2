"""Any search as a feed: the address of a search with ``.atom`` or ``.json`` behind ``/search``.

``routes``     the addresses, and when an answer is the one that a reader has already
``records``    a feed and its entries, whatever they are written as
``atom``       a feed as Atom (RFC 4287), its pages as RFC 5005 links them
``json_feed``  a feed as JSON Feed 1.1
"""
