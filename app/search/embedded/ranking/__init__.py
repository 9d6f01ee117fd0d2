"""The order of what was found, and the reasons for it.

``ranking``    the essays that the text of a query finds, and their scores
``selection``  the documents that words and clauses select, and those that follow them
``meaning``    the essays that a query means without having its words
``boosts``     what is added to scores for more than words
``parts``      the parts that a score is the sum of
``expansion``  the words that a prefix, a pattern, a misspelt word or a stem stands for
``explain``    what every part of a query added to the score of a hit
"""
