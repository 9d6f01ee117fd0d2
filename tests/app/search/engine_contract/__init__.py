"""What every engine answers alike: one set of tests, and each engine passes it.

``archives``  the archives that are asked, and an engine over each
``requests``  requests drawn by lot from the words and values of an archive
"""
