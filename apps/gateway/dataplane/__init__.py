"""The proxy's own code: registry and stdlib libraries only, no Django."""
