"""What a reader meant whose words the archive does not have.

``correction``    the request that is answered in place of the typed one
``candidates``    words that a misspelt word may be
``combinations``  what all doubtful words of a query may mean together
``edit_cost``     weighted edit distance between a typed and an intended word
"""
