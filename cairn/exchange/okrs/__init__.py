"""Import and export of cycles, objectives and key results.

A file is read into nodes beside what Cairn has (`register`), judged as a whole (`judging`), compared (`planning`),
and only then written, parents before children (`writing`). `exporting` goes the other way.
"""
