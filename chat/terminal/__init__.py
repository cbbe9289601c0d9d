"""The command line, bin/chat: a client of the HTTP contract like any other. It knows nothing of the server but its version."""
