"""The process that kernels are forked from: it has imported what notebooks need, and does nothing else but fork.

It starts no thread, no event loop and no zmq context, since none of them survives a fork. `runs.nursery` starts it and
says how the two talk.
"""
