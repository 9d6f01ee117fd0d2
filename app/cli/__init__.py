"""The ``essays`` command: what a person asks of an archive from a terminal.

``commands``  the subcommands, their options and exit statuses
``servers``   the commands that serve: pages and API, and language models
``options``   arguments and options that several commands have
``migrate``   other sites' front matter rewritten, after a diff was approved
``output``    results, problems and reports as lines of text

May import everything of the project. Nothing imports it.
"""
