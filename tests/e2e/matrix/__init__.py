"""Every provider of the catalog, every kind of request: see README.md."""
