"""What a reader meant whose words the archive does not have.

``correction``     the request that is answered in place of the typed one
``candidates``     words that a misspelt word may be
``combinations``   what all doubtful words of a query may mean together
``archive``        what has to be known of a generation for that; every engine tells it
``english``        the words of English, of which an archive has few
``edit_cost``      weighted edit distance between a typed and an intended word
``similar_names``  names of tags and categories that are probably one, spelled in two ways
"""
