"""What people write, with its place."""
