"""A text becomes terms.

``tokenizer``  the words of a text, and its runs of letters that are written without spaces
``stemming``   the term that a word is indexed and searched as, in each language
``analyzer``   a text's terms in its languages, and where they stand
``folding``    words without case and accents; pairs of letters
``languages``  languages by tag and name, and what searching needs to know of each
``detection``  the language of a text
``shingles``   how much of two texts is the same, word for word
``embedding``  a text as one vector, by the word vectors of a package
``glosses``    what a dictionary says that a word of English means
``package_data``  files inside packages whose code is not imported
``citations``  when two bibliography entries name the same work
"""
