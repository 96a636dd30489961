"""E-mail: letters are rows written with the news itself, and sent afterwards by a loop of the worker.

No database transaction is open while a mail server is talked to. A letter is claimed (one transaction), sent, and
marked (another). Who dies between sending and marking sends it once more, under the same Message-ID: at least once,
and recognisable.
"""
