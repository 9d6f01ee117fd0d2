"""The archive for language models: a server of the Model Context Protocol (MCP).

``server``   the server over standard input and output or over HTTP
``tools``    what a model can call, with the meaning of every argument
``archive``  what may be asked, and which essays may be shown
``answers``  what is answered, as typed records with a schema
``text``     the same answers as text to read

Needs the extra ``mcp`` of this package. May import settings, the port and the parameters of
addresses; nothing but the command imports it.
"""
