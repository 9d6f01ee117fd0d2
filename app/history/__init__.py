"""How ratings changed over time: kept at each build, told on ``/changes`` and beside each essay.

``log``        the changes, in an SQLite file of the index folder
``recording``  what a build changed, compared with what was known before
``commits``    earlier versions of essays, from the history of a git repository

It is written after a build has published its generation, so it can harm none; a build that dies
before is caught up with by the next.
"""
