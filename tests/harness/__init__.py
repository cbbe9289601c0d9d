"""What the tests stand on: real servers to start and break, and small clients to talk to them."""
