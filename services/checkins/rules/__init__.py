"""The policy of check-ins, pure: what may be said, who should say it, and when it falls due."""
