"""`python -m deploy.probe URL` ends with 0 if the address answers 200: the image has no other HTTP client."""

import sys
import urllib.error
import urllib.request


def healthy(url: str) -> bool:
    """Whether the address answers 200 within three seconds."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310 - an address of our own
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


if __name__ == "__main__":
    sys.exit(not healthy(sys.argv[1]))
