"""The words of the product as plain values: no I/O, no Flask, no clock unless passed in."""
