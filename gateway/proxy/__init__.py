"""Pass-through: documented operations of the services, forwarded to whoever owns them. Nothing else gets through."""
