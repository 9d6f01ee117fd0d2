"""The site as files that any web host can serve, with a search that runs in the browser.

``export``        the way from an archive to a folder of files
``site``          the pages that there are, and what the site answers at an address
``addresses``     addresses of the site as files of the export, and links between these
``rewriting``     the links of a page, each led to a file
``search_files``  the records and words that the browser searches
``folder``        the folder of an export: what is ours in it, and what is not

May import the web app, the port and the settings; nothing but the command imports it.
"""
