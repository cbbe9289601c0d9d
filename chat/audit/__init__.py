"""A service measured as its users meet it: clients that drop and come back, and the checker of what they were promised."""
