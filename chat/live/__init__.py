"""What is open now: the hub, its subscribers and their sockets. gevent, but no Flask and no SQL: log and history are handed in."""
