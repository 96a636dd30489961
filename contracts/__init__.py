"""Cairn's published language: every event a service may publish, as pure data.

Services share nothing else about each other. Read `contracts/event.py` for what all events have in common,
then the module of the service you are interested in; `contracts/wrong.py` is how all of Cairn says that a value
will not do.
"""
