"""What spelling has to know of a generation, told by this engine.

``archive``  the words of a generation, and the essays that have them
"""
