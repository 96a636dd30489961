"""The document of the whole public API."""

from flask import Response

from chassis.http import Blueprint, public
from gateway.proxy.operations import DOCUMENT

blp = Blueprint("about", __name__, url_prefix="/api/v1", description="This interface.")


@blp.get("/openapi.json")
@public("it describes the interface and holds no data")
@blp.response(200, description="An OpenAPI 3.1 document.")
def read_openapi() -> Response:
    """Read this document."""
    return Response(DOCUMENT.read_bytes(), content_type="application/json")
