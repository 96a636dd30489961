"""Sign-in: who is calling from outside, proved by an API token of ours or by a token of the identity provider."""
