"""What needs the author's attention, read off one generation.

``report``         broken links, missing ratings, essays not updated for a year, and more
"""
