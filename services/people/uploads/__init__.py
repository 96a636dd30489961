"""Files sent to be imported when the worker comes to them: received at once, carried out one after another.

`receiving` takes a file in, `running` carries it out in the worker, `results` and `error_file` keep what came of it.
"""
