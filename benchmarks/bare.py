"""`python -m benchmarks.bare FILE`: bare Flask that answers one JSON document, run as the web parts are."""

import json
import os
import sys
from pathlib import Path

from flask import Flask, Response, jsonify

from cairn.draining import Application
from cairn.web import _options
from chassis.settings import load


def app(document: bytes) -> Flask:
    """`/` has it encoded for every request, as usual; `/memory` has it ready."""
    made, value = Flask("bare"), json.loads(document)
    made.add_url_rule("/", endpoint="usual", view_func=lambda: jsonify(value))
    made.add_url_rule("/memory", endpoint="ready", view_func=lambda: Response(document, mimetype="application/json"))
    made.add_url_rule("/livez", endpoint="livez", view_func=lambda: jsonify(status="ok"))
    return made


if __name__ == "__main__":
    document = Path(sys.argv[1]).read_bytes()
    Application(lambda: app(document), _options("gateway", load(os.environ))).run()
