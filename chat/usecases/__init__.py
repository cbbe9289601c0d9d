"""Use cases: what the service does for its clients, from the plain values of a request to those of the answer."""
