"""What a reader may be about to type, and what to try where nothing was found.

``completion``    essays, tags, categories and ends of words for a text that is being typed
``alternatives``  searches near one that found nothing, each with its exact count
"""
