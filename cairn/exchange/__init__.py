"""The client's side of import and export: files on one end, the public API on the other, nothing else between."""
