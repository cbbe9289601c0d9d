"""What the tests share: real servers to start and break, and small clients that talk to them."""
