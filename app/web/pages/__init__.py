"""What readers see: server-rendered pages that work with links and forms alone.

``search``      the home page, and the results of a search
``essay``       an essay with its related essays and its place among results
``essay_html``  an essay's safe HTML with marks, anchors and notes
``metadata``    how an essay's page describes itself to programs
``browse``      the lists of subjects, ratings and years
``subject``     one tag or category
``maps``        the map of certainty by importance, and the timeline
``charts``      where everything stands in a picture
``changes``     what changed in the ratings
``trend``       the certainty of an essay over time, as a line
``random``      an essay by chance
``report``      the author's report
``media``       pictures and attachments of the content folder
``not_found``   what an error page offers
``fragments``   pieces that are the same on every page, rendered once
``formatting``  dates, labels and reading times as pages show them
"""
