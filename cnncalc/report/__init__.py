"""Graph to Report."""
