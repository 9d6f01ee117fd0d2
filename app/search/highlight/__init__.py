"""Where the words of a query stand in a text, as marked fragments.

``matcher``      the places of words, patterns and phrases in a text
``snippets``     the stretches of a text that are shown with a hit
``folded_text``  a text without case and accents, each of its letters at a known place

Marks are data; only templates write ``<mark>``. Knows no engine.
"""
