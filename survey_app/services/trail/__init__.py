"""What was done, sealed: the log, its chain, its signed checkpoints."""
