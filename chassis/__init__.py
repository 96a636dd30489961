"""What every service shares: a microservice chassis. It knows the contracts and no service."""

VERSION = "0.1.0"
