"""A text becomes terms.

``analyzer``   the words of a text, their terms in each language, and where they stand
``folding``    words without case and accents; pairs of letters
``languages``  languages by tag and name, and what searching needs to know of each
``detection``  the language of a text
``shingles``   how much of two texts is the same, word for word
``citations``  when two bibliography entries name the same work
"""
