"""What the law asks: what is kept of whom and how long, and who asked for what."""
