"""The order of what was found, and the reasons for it.

``ranking``    which essays the text of a query finds, and what each part of it adds to a score
``expansion``  the words that a prefix, a pattern, a misspelt word or a stem stands for
``explain``    what every part of a query added to the score of a hit
"""
