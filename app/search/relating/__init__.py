"""What relates essays: links, tags, works, words; without the index of an engine.

``reasons``   what relates two essays, what each reason weighs, and how it is told
``keywords``  the words that are typical of an essay
``links``     what the target of a link may mean, and the targets that may mean an essay
"""
