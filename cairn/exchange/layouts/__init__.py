"""The native layouts: what a file of goals or check-ins looks like, read and written without knowing any server."""
