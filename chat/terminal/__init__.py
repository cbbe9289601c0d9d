"""The command line, bin/chat: a client of the HTTP API like any other. Of the server it knows only the version."""
