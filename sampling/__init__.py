"""What exists, how many to ask, which ones, with what probability."""
