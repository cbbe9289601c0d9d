"""What the service does for people, each use case whole: from the request's plain values to the answer's."""
