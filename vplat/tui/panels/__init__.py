"""The built-in panels, one module each."""
