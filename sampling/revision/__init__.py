"""What happens to a sample after the draw: reserves, extensions, closures, reforms."""
