"""Whole files reach the people service through the gateway, up to their limit and whatever they are called."""

from tests.support.operations import refused
from tests.support.whole import Whole

MEBIBYTE = 1 << 20


def test_a_file_of_any_media_type_passes_the_gateway(running: Whole) -> None:
    for kind in (None, "text/csv", "application/zip", "multipart/form-data", "x/y; charset=utf-16"):
        answer = running.call("POST", "/imports", data=b"email\nana@example.org\n", content_type=kind)
        assert answer.status_code == 202, answer.get_data(as_text=True)
        assert answer.headers["Location"].startswith("/api/v1/imports/")
        assert answer.headers["Retry-After"] == "1"


def test_twenty_mebibytes_pass_and_more_do_not(running: Whole) -> None:
    most = running.call("POST", "/imports", data=b"x" * (20 * MEBIBYTE), content_type="text/csv")
    assert most.status_code == 202
    refused(running.call("POST", "/imports", data=b"x" * (20 * MEBIBYTE + 1), content_type="text/csv"), 413)
