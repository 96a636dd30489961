"""Grafana's dashboards, written by a program: what is alike in six services is said once."""
