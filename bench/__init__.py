"""Measures the service: starts a real server, makes the load in a process of its own, and prints a table.

Every figure comes with its own check: a lost, repeated or reordered message makes the run a failure, however fast it was.

The floor. Fan-out of one message to N subscribers is N calls of send(), and the kernel's loopback carries the
receiving side too. The floor is exactly that, in C: two sender processes (as two workers) with half of the
connections each, a frame of the size of a real one, a bare loop of send(); received by the same code in the same kind of process
as the server's streams. One message at a time: the next is sent when all N have the last one, for the server as for the
floor; two threads receive them, or the one would be what takes the time, and each has streams of both senders, as of both workers
(which worker has which is chance: of one worker's 500, 228 to 272 are one thread's). The floor is measured in a loop without a pause, and
with the pause that the server needs before its first send: a send after a pause of milliseconds finds the processor's caches cold
and costs twice as much. The paced one also in Python (floor_sender.py).
Floor and server take turns within one run, so that the machine disturbs both alike. The ratio is the median of the turns' ratios.

Two rates, both N x messages / sum of the times:
- end to end: from the post's first byte sent to the last subscriber's receipt. A commit and the log are in it; the floor has neither.
- fan-out: from the first delivery (the kernel's own receive stamp, since a busy receiver would see it late and flatter the sender)
  to the last subscriber's receipt. One worker being later than the other counts against the server. The target of 0.9 is on this one.

Latency at a rate is counted from when a post was due, not from when it could be sent, so a server that stalls cannot hide it.
Memory is the workers' anonymous pages, with those shared with the master that forked them, on a server that has had
no crowd before. The kernel's socket buffers are not in it.
"""
