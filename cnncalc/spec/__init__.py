"""YAML to Graph."""
