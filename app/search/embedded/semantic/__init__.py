"""What essays are about, by the vectors of their texts.

``vectors``     the essays nearest to a query in meaning, and how near others are
``fusion``      scores of words and of meaning as one
``similarity``  how similar essays are to one another
"""
