"""The topology of docker-compose.yml as processes of this machine: the same commands, settings, order and health.

Each container becomes a process, and each name of the inner network an address of 127.0.0.0/8 of its own, so that
every service keeps the port the file gives it.
"""
