"""The policy of check-ins, pure: what may be said. Who should say it and when is the chassis', for the gateway too."""
