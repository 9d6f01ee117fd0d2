"""What readers see: server-rendered pages that work with links and forms alone.

``search``      the home page, results, lists of values; what all pages share
``essay``       an essay with its related essays and its place among results
``essay_html``  an essay's safe HTML with marks, anchors and notes
``metadata``    how an essay's page describes itself to programs
``maps``        the map of certainty by importance, the timeline, one subject, an essay by chance
``report``      the author's report
``media``       pictures and attachments of the content folder
``charts``      where everything stands in a picture
"""
