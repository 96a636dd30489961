"""The read model: one database in which everything the services said is folded together for reading.

It imports nothing of sign-in or pass-through, so it can move out of the gateway in one step.
"""
