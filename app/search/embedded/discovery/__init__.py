"""What can be found without searching.

``related``     essays worth reading after one, each with the reason
``keywords``    the words that tell most of an essay
``duplicates``  essays with nearly the same text
``links``       which essay a link means, and which essays link to one
``overview``    the map, the timeline, and what goes together
"""
