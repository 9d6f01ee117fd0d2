"""What readers see: server-rendered pages that work with links and forms alone.

``search``      the home page and the results of a search
``browse``      the lists of subjects, ratings and years
``essay``       an essay with its related essays and its place among results
``essay_html``  an essay's safe HTML with marks, anchors and notes
``metadata``    how an essay's page describes itself to programs
``maps``        the map of certainty by importance, and the timeline
``subject``     the page of one tag or category; an essay by chance
``report``      the author's report
``media``       pictures and attachments of the content folder
``charts``      where everything stands in a picture
``formatting``  dates, labels and reading times
"""
