"""What needs the author's attention, read off one generation.

``report``         broken links, missing ratings, essays not updated for a year, and more
``similar_names``  names of tags and categories that are probably one, spelled in two ways
"""
