"""What suggestions are made of, told by this engine.

``shelf``  subjects, titles and searches of a generation
"""
